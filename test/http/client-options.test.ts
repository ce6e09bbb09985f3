import { attachSession, createClient, InvalidInputError, type ClientOptions, type RequestOptions } from 'sluice';
import axios from 'axios';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn, errorOf, instanceOn, sessionOn, type Echo } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
const unchecked = createClient as (options: object) => ReturnType<typeof createClient>;

describe.each(adapters)('a client’s defaults and options, with the %s adapter:', (adapter) => {
  const app = (options = {}) => appOn(auth.server, { adapter, ...options });

  it.each([
    ['', '/api/echo'],
    ['/', '/api/echo'],
    ['/api', 'echo'],
    ['/api/', '/echo'],
  ])('a base URL that ends in %j is joined with %j', async (end, url) => {
    const { api } = app({ baseURL: auth.server.url + end });
    expect(await firstValueFrom(api.get<Echo>(url))).toMatchObject({ path: '/api/echo', user: 'ada' });
  });

  it('a base URL of one request is used for that request, without a token', async () => {
    const { api } = app({ baseURL: 'https://api.example.com' });
    const { path, user } = await firstValueFrom(api.get<Echo>('/public/echo', { baseURL: auth.server.url }));
    expect([path, user]).toEqual(['/public/echo', undefined]);
  });

  it('headers of the client are sent with each request, and a request’s own override them', async () => {
    const { api } = app({ headers: { 'X-App': 'mine', 'X-Both': 'client', post: { 'X-Post': 'yes' } } });
    await firstValueFrom(api.get('/api/echo', { headers: { 'x-both': 'request' } }));
    await firstValueFrom(api.post('/api/echo', {}));
    expect(auth.server.requests.map(({ headers }) => [headers['x-app'], headers['x-both'], headers['x-post']])).toEqual(
      [
        ['mine', 'request', undefined],
        ['mine', 'client', 'yes'],
      ],
    );
  });

  it('a header that is null is not sent', async () => {
    const { api } = app({ headers: { 'X-App': 'mine' } });
    await firstValueFrom(api.get('/api/echo', { headers: { 'X-App': null } as never }));
    expect(auth.server.requests[0]?.headers).not.toHaveProperty('x-app');
  });

  it('an Authorization that is undefined is no credential of the request', async () => {
    const { api } = app();
    await firstValueFrom(api.get('/api/echo', { headers: { Authorization: undefined } as never }));
    expect(auth.server.requests[0]?.tokenState).toBe('valid');
  });

  it.each([null, false])('an Authorization of %j sends none', async (Authorization) => {
    const { api } = app();
    await firstValueFrom(api.get('/public/echo', { headers: { Authorization } as never }));
    expect(auth.server.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('`auth` is kept as the request’s own credentials, whose 401 is delivered', async () => {
    const { api, refresh } = app();
    const error = await errorOf(api.get('/api/echo', { auth: { username: 'ada', password: 'x' } }));
    expect(error.status).toBe(401);
    expect(auth.server.requests[0]?.headers.authorization).toMatch(/^Basic /);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('params of the client and of the request are merged', async () => {
    const { api } = app({ params: { app: 'mine', both: 'client' } });
    const { query } = await firstValueFrom(api.get<Echo>('/api/echo', { params: { both: 'request', q: 'a b&c' } }));
    expect(query).toEqual({ app: 'mine', both: 'request', q: 'a b&c' });
  });

  it('paramsSerializer serialises them for both sends', async () => {
    const { api } = app({ paramsSerializer: { indexes: null } });
    auth.server.expireAccess();
    await firstValueFrom(api.get('/api/echo', { params: { id: [1, 2] } }));
    const serialize = vi.fn(() => 'written=by+hand');
    await firstValueFrom(api.get('/api/echo', { params: { id: 1 }, paramsSerializer: { serialize } }));
    expect(auth.server.sent('/api/echo').map(({ url }) => url)).toEqual([
      '/api/echo?id=1&id=2',
      '/api/echo?id=1&id=2',
      '/api/echo?written=by+hand',
    ]);
  });

  it('a timeout of one request overrides that of the client', async () => {
    const { api } = app({ timeout: 30 });
    auth.server.delay('/api/echo', 100);
    expect(await errorOf(api.get('/api/echo'))).toMatchObject({
      code: 'ETIMEDOUT',
      message: 'timeout of 30ms exceeded',
    });
    expect(await firstValueFrom(api.get<Echo>('/api/echo', { timeout: 0 }))).toMatchObject({ user: 'ada' });
  });

  it('validateStatus decides what is an error, and does not prevent a refresh for a 401', async () => {
    const { api } = app({ validateStatus: () => true });
    auth.server.expireAccess();
    const { status, data } = await firstValueFrom(api.get<Echo>('/api/echo', { observe: 'response' }));
    expect([status, data.generation]).toEqual([200, 2]);
    expect((await firstValueFrom(api.get('/api/status/500', { observe: 'response' }))).status).toBe(500);
  });

  it('a default `method` does not override the verb', async () => {
    const { api } = app({ method: 'post' });
    await firstValueFrom(api.get('/api/echo'));
    await firstValueFrom(api.delete('/api/echo'));
    expect(auth.server.requests.map(({ method }) => method)).toEqual(['GET', 'DELETE']);
  });

  it('the defaults of an instance are read at the subscription, not when get() is called', async () => {
    const instance = instanceOn(auth.server, adapter);
    const api = createClient({ axios: instance, session: sessionOn(auth.server).session });
    const echo$ = api.get<Echo>('/echo');
    instance.defaults.baseURL = `${auth.server.url}/api`;
    instance.defaults.headers.common['X-Later'] = 'yes';
    const { path, headers, user } = await firstValueFrom(echo$);
    expect([path, headers['x-later'], user]).toEqual(['/api/echo', 'yes', 'ada']);
  });
});

describe('a client without a base URL', () => {
  it('sends absolute URLs, and a token to the origins in trustedOrigins', async () => {
    const { session } = sessionOn(auth.server);
    const api = createClient({ session, trustedOrigins: [auth.server.url] });
    auth.server.expireAccess();
    expect(await firstValueFrom(api.get<Echo>(`${auth.server.url}/api/echo`))).toMatchObject({ generation: 2 });
  });

  it.each(['/users', 'users', '', '?q=1', '../up'])('throws for %j at the call, because Node has no page', (url) => {
    const api = createClient({});
    expect(() => api.get(url)).toThrow(InvalidInputError);
    expect(() => api.post(url, {})).toThrow(
      'the client needs a baseURL such as https://api.example.com; it is undefined',
    );
    expect(() => api.request({ url })).toThrow(InvalidInputError);
    expect(() => api.get(url, { baseURL: '/api' })).toThrow(InvalidInputError);
  });

  it('accepts a relative URL with a base URL of the request', async () => {
    const api = createClient({});
    const { path } = await firstValueFrom(api.get<Echo>('/public/echo', { baseURL: auth.server.url }));
    expect(path).toBe('/public/echo');
  });

  it('uses a base URL that its instance gets later', async () => {
    const instance = axios.create();
    const api = createClient({ axios: instance });
    expect(() => api.get('/public/echo')).toThrow(InvalidInputError);
    instance.defaults.baseURL = auth.server.url;
    expect((await firstValueFrom(api.get<Echo>('/public/echo'))).path).toBe('/public/echo');
  });

  it.each(['/api', 'api'])(
    'throws for a session with the base URL %j, because no request could carry its token',
    (baseURL) => {
      const { session } = sessionOn(auth.server);
      expect(() => createClient({ session })).toThrow('needs a baseURL or trustedOrigins');
      expect(() => createClient({ session, trustedOrigins: [] })).toThrow(InvalidInputError);
      expect(() => createClient({ session, baseURL })).toThrow(InvalidInputError);
      expect(() => createClient({ session, axios: axios.create() })).toThrow(InvalidInputError);
    },
  );
});

describe('what cannot work throws at the call:', () => {
  const api = createClient({ baseURL: 'https://api.example.com' });
  const get = api.get as (url?: unknown, options?: object) => unknown;

  it.each([undefined, null, 7, {}, new URL('https://api.example.com')])('a url that is %j', (url) => {
    expect(() => get(url)).toThrow('A request needs a url: a string; given: ');
    expect(() => api.request({ url: url as string })).toThrow(InvalidInputError);
  });

  it.each(['headers', 'promise', '', null, 1])('observe as %j', (observe) => {
    expect(() => get('/users', { observe })).toThrow(
      "A request: observe takes 'body', 'response' or 'events'; given: ",
    );
  });

  it('an absolute URL with allowAbsoluteUrls: false', () => {
    const allowAbsoluteUrls = false;
    expect(() => api.get('https://other.example.com/', { allowAbsoluteUrls })).toThrow('The URL is absolute');
    expect(() => api.get('//other.example.com/', { allowAbsoluteUrls })).toThrow(InvalidInputError);
    const strict = createClient({ baseURL: 'https://api.example.com', allowAbsoluteUrls });
    expect(() => strict.get('https://api.example.com/users')).toThrow(InvalidInputError);
    expect(() => strict.get('/users')).not.toThrow();
  });

  it.each([
    ['baseUrl', 'https://api.example.com'],
    ['baseurl', 'https://api.example.com'],
    ['Session', {}],
    ['sessions', {}],
    ['trustedOrigin', []],
    ['trustedorigins', []],
    ['isUnauthorised', () => true],
  ])('%s, which is misspelt', (key, value) => {
    expect(() => unchecked({ [key]: value })).toThrow(
      `createClient() knows no ${key}. It takes: baseURL, axios, session, trustedOrigins, isUnauthorized, and options of axios.`,
    );
  });

  it('an option beside an instance, which has its own defaults', () => {
    expect(() => unchecked({ axios: axios.create(), baseURL: '/api', timeout: 1 })).toThrow(
      'createClient() with an instance knows no baseURL, timeout. It takes: axios, session, trustedOrigins, isUnauthorized.',
    );
  });

  it.each([
    [401, '401'],
    [null, 'null'],
  ])('an isUnauthorized that is %j', (isUnauthorized, given) => {
    const baseURL = 'https://api.example.com';
    expect(() => unchecked({ baseURL, isUnauthorized })).toThrow(
      `createClient(): isUnauthorized takes a function; given: ${given}.`,
    );
    const options = { isUnauthorized } as never;
    expect(() => attachSession(axios.create({ baseURL }), sessionOn(auth.server).session, options)).toThrow(
      `attachSession(): isUnauthorized takes a function; given: ${given}.`,
    );
  });

  it.each([null, false, ''])('an axios that is %j', (given) => {
    expect(() => unchecked({ axios: given })).toThrow('createClient({ axios }) takes an axios instance');
  });

  it.each([{}, null, 'session', { state$: undefined }])('a session that is %j', (session) => {
    const options = { baseURL: 'https://api.example.com', session } as unknown as ClientOptions;
    expect(() => createClient(options)).toThrow('`session` must be what createSession() returned');
  });

  it.each(['api.example.com', 'https://api.example.com/', 'https://api.example.com/v1', '*', ''])(
    'an origin that is %j',
    (origin) => {
      const options = { baseURL: 'https://api.example.com', trustedOrigins: [origin] };
      expect(() => createClient(options)).toThrow('trustedOrigins takes origins such as');
      expect(() => attachSession(axios.create(), sessionOn(auth.server).session, { trustedOrigins: [origin] })).toThrow(
        InvalidInputError,
      );
    },
  );
});

it('createClient() accepts an unknown option whose name only begins or ends like that of a known one', () => {
  expect(() => unchecked({ sessionKey: 'a', noSession: true, oldBaseURL: '/api' })).not.toThrow();
});

it('a request accepts an option that axios does not know, which interceptors may read', async () => {
  const instance = instanceOn(auth.server);
  const seen: unknown[] = [];
  instance.interceptors.request.use((config) => {
    seen.push((config as { tag?: unknown }).tag);
    return config;
  });
  const options = { tag: 'mine' } as RequestOptions;
  await firstValueFrom(createClient({ axios: instance }).get('/public/echo', { ...options, observe: 'body' }));
  expect(seen).toEqual(['mine']);
});
