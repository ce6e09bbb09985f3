// Angular's packages leave a part of their compilation to the application's build, and there is none here.
import '@angular/compiler';
import { readFileSync } from 'node:fs';
import axios from 'axios';
import { NEVER } from 'rxjs';
import { attachSession, createClient } from 'sluice';
import { createSessionGuard, createSessionInterceptor, provideClient, provideSession } from 'sluice/angular';
import { localStorageStore, webStore } from 'sluice/browser';
import { logEvents } from 'sluice/devtools';
import { sessionFetch } from 'sluice/fetch';
import { dedupe, paginate, retryBackoff, toRequestState } from 'sluice/operators';
import { type RedisClient, redisStore } from 'sluice/redis';
import { createSession, createSessionPool, memoryCell, retryOnUnauthorized, sharedStore } from 'sluice/session';
import { eventStream, iterate, text } from 'sluice/streams';
import { cellLaws, testClient, testSession } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { declaredOptions } from './option-types.ts';

interface Row {
  readonly name: string;
  readonly kind: string;
  readonly default: string;
}

/** The tables of docs/options.md, by the type that their heading names. */
const tables = new Map(
  readFileSync('docs/options.md', 'utf8')
    .split(/^### `(?=\w+`$)/m)
    .slice(1)
    .map((section) => {
      const rows = Array.from(
        section.matchAll(/^\| `(\w+)` \| (.+?) \| (.+?) \| .+ \|$/gm),
        ([, name = '', kind = '', byDefault = '']): Row => ({ name, kind, default: byDefault }),
      );
      return [/^\w+/.exec(section)?.[0] ?? '', rows] as const;
    }),
);
const declared = declaredOptions();

it('docs/options.md has a table for each exported type of options, and for no other', () => {
  expect(Array.from(tables.keys()).toSorted()).toEqual(Array.from(declared.keys()).toSorted());
});

describe.each(Array.from(declared))('the table of %s', (type, options) => {
  const rows = tables.get(type) ?? [];
  const rowOf = (name: string): Row | undefined => rows.find((row) => row.name === name);

  it(`docs/options.md names the options of ${type}, and no others`, () => {
    expect(rows.map(({ name }) => name).toSorted()).toEqual(options.map(({ name }) => name).toSorted());
  });

  it(`docs/options.md says which options of ${type} are required and which are functions`, () => {
    const said = rows.map((row) => ({
      name: row.name,
      isRequired: row.default === 'required',
      isFunction: row.kind.startsWith('a function'),
    }));
    const meant = options.map(({ name, isRequired, isFunction }) => ({ name, isRequired, isFunction }));
    expect(new Set(said)).toEqual(new Set(meant));
  });

  it.each(options.filter(({ isRequired }) => !isRequired))(
    `docs/options.md gives $name of ${type} the default that its @defaultValue and the code have`,
    ({ name, documentedDefault = '', codeDefaults }) => {
      const shown = rowOf(name)?.default ?? '';
      expect(documentedDefault).not.toBe('');
      expect(codeDefaults.map((value) => `\`${value}\``).filter((value) => !shown.includes(value))).toEqual([]);
      expect(codeDefaults.map((value) => `\`${value}\``).filter((value) => !documentedDefault.includes(value))).toEqual(
        [],
      );
      // Compare short values only: a table may put a longer expression into words.
      const [value = ''] = /^`(?!undefined)('?\w+'?|\{\}|\[\])`/.exec(documentedDefault) ?? [];
      expect(shown).toContain(value);
    },
  );
});

const refresh = (): Promise<never> => new Promise(() => undefined);
const instance = axios.create({ baseURL: 'https://api.example.com' });
const session = createSession({ refresh });
/** A client of Redis that no session uses. */
const redis: RedisClient = {
  get: refresh,
  eval: refresh,
  evalSha: refresh,
  duplicate: () => {
    throw new Error('not used');
  },
};

/** Calls that take options of a type, by the type. */
const calls: Record<string, (options: never) => unknown> = {
  SessionOptions: (options) => createSession(Object.assign({ refresh }, options)),
  RefreshRetryOptions: (options) => createSession({ refresh, refreshRetries: options }),
  RetryBackoffOptions: (options) => retryBackoff(options),
  RequestStateOptions: (options) => toRequestState(options),
  DedupeOptions: (options) => dedupe(null, () => NEVER, options),
  PaginateOptions: (options) => paginate(NEVER, () => null, options),
  SessionPoolOptions: (options) => createSessionPool(Object.assign({ create: () => ({ refresh }) }, options)),
  SharedStoreOptions: (options) => sharedStore(memoryCell(), options),
  SessionFetchOptions: (options) =>
    sessionFetch(session, Object.assign({ trustedOrigins: ['https://api.example.com'] }, options)),
  AttachSessionOptions: (options) => attachSession(instance, session, options),
  ClientOptions: (options) => createClient(Object.assign({ axios: instance }, options)),
  RequestOptions: (options) => createClient({ axios: instance }).get('/', options),
  RetryOnUnauthorizedOptions: (options) => retryOnUnauthorized(session, options),
  ProvideSessionOptions: (options) => provideSession({ refresh }, options),
  ProvideClientOptions: (options) => provideClient({}, options),
  SessionInterceptorOptions: (options) => createSessionInterceptor(options),
  SessionGuardOptions: (options) => createSessionGuard(options),
  WebStoreOptions: (options) => webStore(options),
  LocalStorageStoreOptions: (options) => localStorageStore(options),
  LogEventsOptions: (options) => logEvents(session, options),
  RedisStoreOptions: (options) => redisStore(redis, 'key', options),
  StreamOptions: (options) => text(createClient({ axios: instance }), '/', options),
  EventStreamOptions: (options) => eventStream(createClient({ axios: instance }), '/', options),
  IterateOptions: (options) => iterate(NEVER, options),
  TestSessionOptions: (options) => testSession(options),
  TestClientOptions: (options) => testClient(options),
  CellLawsOptions: (options) => cellLaws(() => memoryCell(), options),
};

/** Types that also take the options of axios, and the options in their tables that only axios or the client's request checks. */
const passedOn: Record<string, readonly string[]> = {
  RequestOptions: ['signal'],
  TestClientOptions: [],
  StreamOptions: ['method', 'data', 'session', 'signal'],
  EventStreamOptions: ['method', 'data', 'session', 'signal'],
};

it('a call is tested for each type of options in docs/options.md', () => {
  expect(Object.keys(calls).toSorted()).toEqual(Array.from(tables.keys()).toSorted());
});

function messageOf(call: () => unknown): string {
  try {
    call();
    return '';
  } catch (error) {
    return String(error);
  }
}

describe.each(Object.entries(calls))('the error for a wrong option of %s', (type, call) => {
  const rows = tables.get(type) ?? [];

  it.each([type].filter((name) => !(name in passedOn)))(
    'a call with %s knows the options that docs/options.md names, and no others',
    () => {
      const [, known = ''] = /It takes: (.*)\.$/.exec(messageOf(() => call({ unknown: 1 } as never))) ?? [];
      expect(known.split(', ').toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
    },
  );

  const answer = (name: string): string => messageOf(() => call({ [name]: Symbol('wrong') } as never));
  it.each(rows.filter(({ name }) => !passedOn[type]?.includes(name)))(
    `a call with a wrong $name of ${type} asks for the kind that docs/options.md says`,
    ({ name, kind }) => {
      const message = answer(name).replaceAll('`', '');
      // Compare only the kind: what the table adds to it, such as the parameters of a function, is for readers.
      const [wanted = ''] = kind.replaceAll('`', '').split(/:| (?=\()/);
      expect(message).toContain(wanted);
    },
  );
});
