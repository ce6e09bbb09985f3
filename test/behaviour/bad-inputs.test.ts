import axios from 'axios';
import {
  attachSession,
  createClient,
  createSession,
  InvalidInputError,
  memoryStore,
  retryOnUnauthorized,
  type SessionOptions,
  withoutSession,
} from 'sluice';
import { localStorageStore, webStore } from 'sluice/browser';
import { logEvents } from 'sluice/devtools';
import { sessionFetch } from 'sluice/fetch';
import { jwtExpiry } from 'sluice/jwt';
import { fileStore } from 'sluice/node';
import { dedupe, paginate, retryBackoff, toRequestState } from 'sluice/operators';
import { redisStore } from 'sluice/redis';
import { createSessionPool, memoryCell, sharedStore, type StoredSession } from 'sluice/session';
import { iterate } from 'sluice/streams';
import { cellLaws, testClient, testSession } from 'sluice/testing';
import { EMPTY } from 'rxjs';
import { expect, it } from 'vitest';
import { record } from '../support/recorder.ts';

const refresh = async () => ({ accessToken: 'x' });
const make = (options: unknown) => createSession(options as SessionOptions);
const session = () => make({ refresh });
const disposed = () => {
  const ended = session();
  ended.dispose();
  return ended;
};
const client = (options?: unknown) => createClient(options as { baseURL: string });
const api = client({ baseURL: 'https://api.example.com' });
const redis = { get: api.get, eval: api.get, evalsha: api.get, duplicate: api.get } as never;
const inSeconds = Math.floor(Date.now() / 1000) + 3600;

const atTheCall: [input: string, call: () => unknown, message: string][] = [
  ['createSession()', () => make(undefined), 'needs `refresh`, a function'],
  ['refresh that is no function', () => make({ refresh: 'url' }), 'given: a string'],
  [
    'a misspelt option',
    () => make({ refresh, refreshTimeout: 1 }),
    'knows no refreshTimeout. It takes: refresh, store',
  ],
  [
    'a time as text',
    () => make({ refresh, refreshTimeoutMs: '30s' }),
    'refreshTimeoutMs takes milliseconds, 0 or more; given: a string',
  ],
  [
    'a negative time',
    () => make({ refresh, storeTimeoutMs: -1 }),
    'storeTimeoutMs takes milliseconds, 0 or more; given: -1',
  ],
  [
    'Web Storage as a store',
    () => make({ refresh, store: { getItem: 1 } }),
    'store takes { get, set } or sharedStore(cell); given: an object',
  ],
  ['a store that was not called', () => make({ refresh, store: webStore }), 'given: a function'],
  [
    'a store of one holder with a lock',
    () => make({ refresh, store: { ...memoryStore(), lock: () => 1 } }),
    'takes sharedStore(cell)',
  ],
  ['null as a store', () => make({ refresh, store: null }), 'given: null'],
  [
    'a number of retries',
    () => make({ refresh, refreshRetries: 3 }),
    'refreshRetries takes false or { count, … }; given: 3',
  ],
  [
    'a misspelt retry option',
    () => make({ refresh, refreshRetries: { retries: 3 } }),
    'refreshRetries knows no retries',
  ],
  [
    'a negative count',
    () => make({ refresh, refreshRetries: { count: -1 } }),
    'count takes a number of tries, 0 or more; given: -1',
  ],
  [
    'jitter above 1',
    () => make({ refresh, refreshRetries: { jitter: 2 } }),
    'jitter takes a number from 0 to 1; given: 2',
  ],
  ['canRefresh: true', () => make({ refresh, canRefresh: true }), 'canRefresh takes a function; given: true'],
  ['memoryStore of text', () => memoryStore('token' as never), 'memoryStore() takes { accessToken'],
  [
    'signIn of the server’s answer',
    () => session().signIn({ access_token: 'a' } as never),
    'it has no accessToken of its own, but access_token',
  ],
  ['signIn of text', () => session().signIn('token' as never), 'a string is no token set'],
  ['signIn with an empty token', () => session().signIn({ accessToken: '' }), 'accessToken is an empty string'],
  [
    'signIn with seconds',
    () => session().signIn({ accessToken: 'a', expiresAt: inSeconds }),
    'expiresAt looks like seconds',
  ],
  [
    'signIn with a Date',
    () => session().signIn({ accessToken: 'a', expiresAt: new Date() as never }),
    'expiresAt is an object',
  ],
  ['createClient()', () => client(), 'createClient() takes options, such as { baseURL, session }; given: undefined'],
  ['null as the session of a client', () => client({ session: null }), 'what createSession() returned; given: null'],
  [
    'a client without a base URL',
    () => client({ session: session() }),
    'needs a baseURL or trustedOrigins: they say who may see the tokens of the session; the baseURL is undefined',
  ],
  [
    'a base URL without a scheme, with a session',
    () => client({ session: session(), baseURL: 'api.example.com' }),
    'the baseURL is "api.example.com"',
  ],
  ['a relative base URL in Node', () => client({ session: session(), baseURL: '/api' }), 'the baseURL is "/api"'],
  [
    'a request to a base URL without a scheme',
    () => client({ baseURL: 'api.example.com' }).get('/'),
    'such as https://api.example.com; it is "api.example.com"',
  ],
  [
    'a request by path without a base URL',
    () => createClient({ axios: axios.create() }).get('/users'),
    'such as https://api.example.com; it is undefined',
  ],
  [
    'an instance and a base URL',
    () => client({ axios: axios.create(), baseURL: 'https://a.example' }),
    'createClient() with an instance knows no baseURL. It takes: axios, session',
  ],
  [
    'trustedOrigins as text',
    () => client({ session: session(), trustedOrigins: 'https://a.example' }),
    'takes a list of origins',
  ],
  [
    'a trusted origin without a scheme',
    () => client({ session: session(), trustedOrigins: ['example.com'] }),
    'takes origins such as https://api.example.com, without a path; not example.com',
  ],
  [
    'a wildcard as a trusted origin',
    () => client({ session: session(), trustedOrigins: ['*'] }),
    'without a path; not *',
  ],
  [
    'a trusted origin with a path',
    () => client({ session: session(), trustedOrigins: ['https://a.example/api'] }),
    'without a path',
  ],
  [
    'options in place of a session',
    () => client({ baseURL: 'https://a.example', session: { refresh } }),
    'what createSession() returned',
  ],
  ['a misspelt baseURL', () => client({ baseUrl: 'https://a.example' }), 'knows no baseUrl'],
  ['a request without a url', () => (api.get as () => unknown)(), 'needs a url: a string; given: undefined'],
  ['an object as the url', () => api.get({ url: '/users' } as never), 'needs a url: a string; given: an object'],
  ['request() without an argument', () => (api.request as () => unknown)(), 'needs a url: a string; given: undefined'],
  [
    'an AbortController as the signal',
    () => api.get('/', { signal: new AbortController() as never }),
    'signal takes an AbortSignal; given: an object',
  ],
  [
    'a misspelt observe',
    () => api.get('/', { observe: 'respones' as never }),
    "observe takes 'body', 'response' or 'events'",
  ],
  ['a misspelt session: false', () => api.post('/', 1, { sesion: false } as never), 'knows no sesion'],
  [
    'session: true',
    () => api.get('/', { session: true } as never),
    'session takes false only: no session; given: true',
  ],
  [
    'a schema that is none',
    () => api.get('/', { schema: {} as never }),
    'takes a Standard Schema (standardschema.dev); given: an object',
  ],
  [
    'arguments in the wrong order',
    () => attachSession(session() as never, axios.create() as never),
    'attachSession() takes an axios instance, as axios.create() gives it; given: an object without interceptors',
  ],
  [
    'attaching to an instance without a base URL',
    () => attachSession(axios.create(), session()),
    'attachSession() needs a baseURL or trustedOrigins',
  ],
  [
    'an operator without a session',
    () => (retryOnUnauthorized as () => unknown)(),
    'what createSession() returned; given: undefined',
  ],
  [
    'null as the options of an attached session',
    () => attachSession(axios.create(), session(), null as never),
    'attachSession() takes options, as an object; given: null',
  ],
  [
    'text as the options of the operator',
    () => retryOnUnauthorized(session(), 'none' as never),
    'retryOnUnauthorized() takes options, as an object; given: a string',
  ],
  [
    'null as the options of validTokens()',
    () => session().validTokens(null as never),
    'validTokens() takes options, as an object; given: null',
  ],
  [
    'a pool without options',
    () => (createSessionPool as () => unknown)(),
    'createSessionPool() takes options, as an object; given: undefined',
  ],
  [
    'a pool whose `create` is asynchronous',
    () => createSessionPool({ create: (async () => ({ refresh })) as never }).of('ada'),
    'createSessionPool(): create returns the options of a session, with `refresh`; given: an object without it',
  ],
  [
    'a store in place of a cell',
    () => sharedStore(memoryStore() as never),
    'takes a cell with a function `read`; given: an object whose read is undefined',
  ],
  [
    'a URL in place of a config',
    () => withoutSession('/login' as never),
    'withoutSession() takes options, as an object',
  ],
  [
    'a function as the first page',
    () => paginate((() => EMPTY) as never, () => null),
    'paginate(): first takes a promise or an observable; given: a function',
  ],
  [
    'null as the first page',
    () => paginate(null as never, () => null),
    'paginate(): first takes a promise or an observable; given: null',
  ],
  [
    'null as the options of a shared store',
    () => sharedStore(memoryCell(), null as never),
    'sharedStore() takes options, as an object; given: null',
  ],
  [
    'a cell whose lock is true',
    () => sharedStore({ ...memoryCell<StoredSession>(), lock: true } as never),
    '`lock` of a cell takes a function; given: true',
  ],
  [
    'null as the options of sessionFetch()',
    () => sessionFetch(session(), null as never),
    'sessionFetch() takes options, as an object; given: null',
  ],
  ['an empty path of a file', () => fileStore(''), 'fileStore() takes the path of a file; given: an empty string'],
  [
    'a URL as a Redis client',
    () => redisStore('redis://127.0.0.1' as never, 'key'),
    'takes a client of `redis` or `ioredis`; given: a string',
  ],
  ['a session that was disposed of', () => disposed().signOut(), 'The session has been disposed of'],
];

it.each(atTheCall)(
  '%s throws an InvalidInputError at the call, which says what is expected',
  (_input, call, message) => {
    expect(call).toThrow(InvalidInputError);
    expect(call).toThrow(message);
  },
);

it.each<[string, () => unknown, string, string]>([
  ['resolves with undefined', async () => undefined, 'invalid-response', 'undefined is no token set'],
  [
    'resolves with the server’s answer',
    async () => ({ access_token: 'secret' }),
    'invalid-response',
    'it has no accessToken of its own, but access_token',
  ],
  [
    'resolves with a response',
    async () => ({ data: 'secret', status: 200 }),
    'invalid-response',
    'it has no accessToken of its own, but data, status',
  ],
  [
    'returns neither a promise nor an Observable',
    () => ({ accessToken: 'secret' }),
    'misconfigured',
    'an object is no promise or observable of tokens',
  ],
])('a refresh that %s fails; its cause and an event say what it gave', async (_what, given, reason, fault) => {
  const broken = make({ refresh: given, canRefresh: () => true });
  const events = record(broken.events$);
  expect(await record(broken.refresh$).outcome).toMatchObject({
    error: { name: 'RefreshFailedError', reason, cause: { message: `refresh gave: ${fault}.` } },
  });
  expect(events.values).toMatchObject([
    { type: 'refresh-started' },
    { type: 'tokens-faulty', message: `refresh: ${fault}` },
    { type: 'refresh-failed', reason },
  ]);
});

it('an `authorize` that returns a string fails the request with an InvalidInputError', async () => {
  const odd = make({ refresh, authorize: () => 'Bearer x', store: memoryStore({ accessToken: 'a' }) });
  const request = createClient({ baseURL: 'http://127.0.0.1:9', session: odd }).get('/');
  expect(await record(request).outcome).toMatchObject({
    error: { name: 'InvalidInputError', message: expect.stringContaining('given: a string') as string },
  });
});

it.each([
  [
    'subscribing to refresh$ while nobody is signed in',
    () => session().refresh$,
    'RefreshFailedError',
    'sign in first',
  ],
  [
    'a request of a session that was disposed of',
    () => createClient({ baseURL: 'http://127.0.0.1:9', session: disposed() }).get('/'),
    'SessionChangedError',
    'disposed of',
  ],
])('%s fails with a typed error that says why', async (_input, source, name, message) => {
  const outcome = await record<unknown>(source()).outcome;
  expect(outcome).toMatchObject({ error: { name } });
  const { error } = outcome as { error: Error };
  expect(`${error.message} ${(error.cause as Error | undefined)?.message ?? ''}`).toContain(message);
});

it.each(['garbage', undefined, null, 7, 'a.b.c'])('jwtExpiry(%s) is undefined: the expiry is unknown', (token) => {
  expect(jwtExpiry(token as never)).toBeUndefined();
});

it('a `news$` that is no Observable is reported, and the session works without it', async () => {
  const store = sharedStore({ ...memoryCell<StoredSession>(), news$: {} } as never);
  const odd = createSession({ refresh, store });
  const events: unknown[] = [];
  odd.events$.subscribe((event) => events.push(event));
  await odd.signIn({ accessToken: 'a' });
  expect(odd.state.status).toBe('signed-in');
  expect(events).toMatchObject([{ type: 'store-failed', operation: 'changes$' }, { type: 'signed-in' }]);
});

it.each<[string, () => unknown]>([
  ['retryBackoff()', () => retryBackoff(null as never)],
  ['toRequestState()', () => toRequestState(() => [], null as never)],
  ['dedupe()', () => dedupe(session(), () => [], null as never)],
  ['paginate()', () => paginate([], () => null, null as never)],
  ['iterate()', () => iterate(EMPTY, null as never)],
  ['webStore()', () => webStore(null as never)],
  ['localStorageStore()', () => localStorageStore(null as never)],
  ['fileStore()', () => fileStore('file', null as never)],
  ['redisStore()', () => redisStore(redis, 'key', null as never)],
  ['logEvents()', () => logEvents(session(), null as never)],
  ['cellLaws()', () => cellLaws(() => memoryCell(), null as never)],
  ['testClient()', () => testClient(null as never)],
  ['testSession()', () => testSession(null as never)],
])('null as the options of %s throws an InvalidInputError at the call', (_name, call) => {
  expect(call).toThrow(InvalidInputError);
});
