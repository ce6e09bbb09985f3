import { InjectionToken } from '@angular/core';
import {
  createSessionGuard,
  createSessionInterceptor,
  provideClient,
  provideSession,
  SESSION,
  sessionGuard,
} from 'sluice/angular';
import type { Client } from 'sluice';
import { describe, expect, it } from 'vitest';

const session = { refresh: () => [] };
/** The functions with options of their own, by the names that their messages give. */
const calls = {
  'createSessionInterceptor()': (options) => createSessionInterceptor(options),
  'createSessionGuard()': (options) => createSessionGuard(options),
  'provideSession()': (options) => provideSession(session, options),
  'provideClient()': (options) => provideClient({}, options),
} satisfies Record<string, (options: never) => unknown>;

type Call = keyof typeof calls;

describe('An option of the wrong kind is refused at the call:', () => {
  it.each<[Call, string, unknown, string]>([
    ['createSessionInterceptor()', 'session', 'SESSION', 'an InjectionToken; given: a string'],
    ['createSessionInterceptor()', 'session', null, 'an InjectionToken; given: null'],
    ['createSessionInterceptor()', 'appliesTo', '/api', 'a function; given: a string'],
    ['createSessionInterceptor()', 'isUnauthorized', 401, 'a function; given: 401'],
    ['createSessionGuard()', 'session', () => null, 'an InjectionToken; given: a function'],
    ['createSessionGuard()', 'redirectTo', '/sign-in', 'a function; given: a string'],
    ['createSessionGuard()', 'decidesOnServer', 'false', 'true or false; given: a string'],
    ['provideSession()', 'provide', 'SESSION', 'an InjectionToken; given: a string'],
    ['provideClient()', 'provide', {}, 'an InjectionToken; given: an object'],
  ])('%s with a wrong %s', (call, name, value, message) => {
    const make = () => calls[call]({ [name]: value } as never);
    expect(make).toThrow(`${call}: ${name} takes ${message}.`);
    expect(make).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });
});

describe('An unknown option is refused at the call:', () => {
  it.each<[Call, string, string]>([
    ['createSessionInterceptor()', 'trustedOrigin', 'session, trustedOrigins, appliesTo, isUnauthorized'],
    ['createSessionGuard()', 'redirect', 'session, redirectTo, decidesOnServer'],
    ['provideSession()', 'token', 'provide'],
    ['provideClient()', 'token', 'provide'],
  ])('%s with %s', (call, name, known) => {
    expect(() => calls[call]({ [name]: 1 } as never)).toThrow(`${call} knows no ${name}. It takes: ${known}.`);
  });
});

it('Options of the right kind are taken, and those that are undefined count as absent', () => {
  const token = new InjectionToken<Client>('a client');
  expect(() => provideClient({}, { provide: token })).not.toThrow();
  expect(() => provideSession(session, { provide: SESSION })).not.toThrow();
  expect(() => createSessionInterceptor({ session: SESSION, appliesTo: () => true })).not.toThrow();
  const absent = { session: undefined, redirectTo: undefined, decidesOnServer: undefined };
  expect(() => createSessionGuard(absent as object)).not.toThrow();
  expect(sessionGuard).toBeTypeOf('function');
});
