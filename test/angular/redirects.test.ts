import { createSessionInterceptor } from 'sluice/angular';
import { describe, expect, it } from 'vitest';
import type { SessionOptions } from 'sluice/session';
import { openJudgingServer } from '../support/judging-server.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { appOn } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

const app = (files: string, options: Partial<SessionOptions> = {}) => {
  const initial = auth.server.login();
  const { server } = auth;
  const setup = appOn(server, {
    options: { initial, ...options },
    interceptors: [createSessionInterceptor({ trustedOrigins: [server.url, files] })],
  });
  return { ...setup, first: initial.accessToken };
};
const moved = (to: string): void => {
  auth.server.route('/public/moved', () => ({ status: 302, headers: { location: to } }));
};
const ownHeader: Partial<SessionOptions> = { authorize: ({ accessToken }) => ({ 'X-Token': accessToken }) };

describe('HttpClient with a session, redirected between two trusted origins,', () => {
  it('does not send a token in Authorization on, and a 401 there starts no refresh', async () => {
    const files = await openJudgingServer([]);
    const { get, session } = app(files.url);
    moved(`${files.url}/1`);
    expect(await record(get('/public/moved')).outcome).toMatchObject({ kind: 'error', error: { status: 401 } });
    expect(files.tokens).toEqual([undefined]);
    expect(auth.server.refreshes).toEqual([]);
    expect(session.state.generation).toBe(1);
  });

  it('sends a token in a header of its own on, and a 401 there is resolved by one refresh', async () => {
    const rejected: string[] = [];
    const files = await openJudgingServer(rejected);
    const { get, first, session } = app(files.url, ownHeader);
    rejected.push(first);
    moved(`${files.url}/1`);
    const all = await Promise.all(Array.from({ length: 5 }, () => record(get('/public/moved')).outcome));
    expect(all).toMatchObject(Array(5).fill({ kind: 'complete', values: [{ here: true }] }));
    expect(files.tokens.slice(5)).toEqual(Array(5).fill(session.state.tokens?.accessToken));
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it('starts no refresh for a 401 when an untrusted origin was on the way', async () => {
    const files = await openJudgingServer([]);
    const stranger = await openJudgingServer([], () => `${files.url}/1`);
    const { get } = app(files.url);
    moved(stranger.url);
    expect(await record(get('/public/moved')).outcome).toMatchObject({ kind: 'error', error: { status: 401 } });
    expect([stranger.tokens, files.tokens]).toEqual([[undefined], [undefined]]);
    expect(auth.server.refreshes).toEqual([]);
  });
});
