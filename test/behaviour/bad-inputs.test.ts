import axios from 'axios';
import {
  attachSession,
  createClient,
  createSession,
  InvalidInputError,
  memoryStore,
  retryOnUnauthorized,
  type SessionOptions,
} from 'sluice';
import { webStore } from 'sluice/browser';
import { expect, it } from 'vitest';
import { record } from '../support/recorder.ts';

const refresh = async () => ({ accessToken: 'x' });
const make = (options: unknown) => createSession(options as SessionOptions);
const session = () => make({ refresh });
const client = (options?: unknown) => createClient(options as { baseURL: string });
const api = client({ baseURL: 'https://api.example.com' });
const inSeconds = Math.floor(Date.now() / 1000) + 3600;

const atTheCall: [input: string, call: () => unknown, message: string][] = [
  ['createSession()', () => make(undefined), 'needs `refresh`: a function'],
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
  ['createClient()', () => client(), 'createClient() takes options'],
  ['a client without a base URL', () => client({ session: session() }), 'needs a baseURL or trustedOrigins'],
  [
    'trustedOrigins as text',
    () => client({ session: session(), trustedOrigins: 'https://a.example' }),
    'takes a list of origins',
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
  ['a request without a url', () => (api.get as () => unknown)(), 'needs a url'],
  [
    'a misspelt observe',
    () => api.get('/', { observe: 'respones' as never }),
    "observe takes 'body', 'response' or 'events'",
  ],
  ['a misspelt session: false', () => api.post('/', 1, { sesion: false } as never), 'knows no sesion'],
  ['session: true', () => api.get('/', { session: true } as never), 'session takes false'],
  ['a schema that is none', () => api.get('/', { schema: {} as never }), 'takes a Standard Schema'],
  [
    'arguments in the wrong order',
    () => attachSession(session() as never, axios.create() as never),
    'attachSession() takes an axios instance, as axios.create() gives it; given: an object without interceptors',
  ],
  ['an operator without a session', () => (retryOnUnauthorized as () => unknown)(), 'what createSession() returned'],
];

it.each(atTheCall)(
  '%s throws an InvalidInputError at the call, which says what is expected',
  (_input, call, message) => {
    expect(call).toThrow(InvalidInputError);
    expect(call).toThrow(message);
  },
);

it.each([
  ['undefined', undefined, 'invalid-response', 'undefined is no token set'],
  [
    'the server’s answer',
    { access_token: 'secret' },
    'invalid-response',
    'it has no accessToken of its own, but access_token',
  ],
  ['a response', { data: {}, status: 200 }, 'invalid-response', 'but data, status'],
])('a refresh that gives %s fails, and the cause says what it gave', async (_what, given, reason, message) => {
  const broken = make({ refresh: async () => given, canRefresh: () => true });
  expect(await record(broken.refresh$).outcome).toMatchObject({
    error: { name: 'RefreshFailedError', reason, cause: { message: expect.stringContaining(message) as string } },
  });
});

it('a refresh that returns neither a promise nor an Observable fails as misconfigured', () => {
  const broken = make({ refresh: () => ({ accessToken: 'x' }), canRefresh: () => true });
  expect(record(broken.refresh$).expectOneOutcome()).toMatchObject({
    error: { reason: 'misconfigured', cause: { message: expect.stringContaining('given: an object') as string } },
  });
});

it('an `authorize` that returns a string fails the request with an InvalidInputError', async () => {
  const odd = make({ refresh, authorize: () => 'Bearer x', store: memoryStore({ accessToken: 'a' }) });
  const request = createClient({ baseURL: 'http://127.0.0.1:9', session: odd }).get('/');
  expect(await record(request).outcome).toMatchObject({
    error: { name: 'InvalidInputError', message: expect.stringContaining('given: a string') as string },
  });
});
