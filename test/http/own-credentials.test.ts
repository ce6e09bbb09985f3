import axios, { type AxiosAdapter, type AxiosRequestTransformer } from 'axios';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { pause } from '../support/real-time.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn, errorOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
const headers = { Authorization: 'Bearer mine' };
const defaultTransforms = [axios.defaults.transformRequest ?? []].flat();

describe.each(adapters)('a request with its own credentials, with the %s adapter,', (adapter) => {
  it('keeps them while the session is restored', async () => {
    const tokens = auth.server.login();
    const store = { get: () => pause(20).then(() => tokens), set: () => undefined };
    const { api } = appOn(auth.server, { adapter, sessionOptions: { store } });
    await firstValueFrom(api.get('/public/echo', { headers }));
    expect(auth.server.requests[0]?.headers.authorization).toBe('Bearer mine');
  });

  it('gets its 401 when the store was still being read at the call: no refresh, no resend', async () => {
    const tokens = auth.server.login();
    const store = { get: () => pause(20).then(() => tokens), set: () => undefined };
    const { api, refresh } = appOn(auth.server, { adapter, sessionOptions: { store } });
    expect(await errorOf(api.get('/api/echo', { headers }))).toMatchObject({ status: 401 });
    expect(refresh).not.toHaveBeenCalled();
    expect(auth.server.requests.map((request) => request.headers.authorization)).toEqual(['Bearer mine']);
  });

  it('keeps them while nobody is signed in, and its 401 restores no cookie session', async () => {
    const tokens = auth.server.login();
    const { api, refresh } = appOn(auth.server, {
      adapter,
      sessionOptions: { initial: null, canRefresh: () => true, refresh: async () => tokens },
    });
    expect(await errorOf(api.get('/api/echo', { headers }))).toMatchObject({ status: 401 });
    expect(refresh).not.toHaveBeenCalled();
    expect(auth.server.requests.map((request) => request.headers.authorization)).toEqual(['Bearer mine']);
  });

  it('gets its 401 when the store turns out to be empty: no cookie session is restored', async () => {
    const tokens = auth.server.login();
    const store = { get: () => pause(20).then(() => null), set: () => undefined };
    const { api, refresh } = appOn(auth.server, {
      adapter,
      sessionOptions: { store, canRefresh: () => true, refresh: async () => tokens },
    });
    expect(await errorOf(api.get('/api/echo', { headers }))).toMatchObject({ status: 401 });
    expect(refresh).not.toHaveBeenCalled();
    expect(auth.server.requests.map((request) => request.headers.authorization)).toEqual(['Bearer mine']);
  });

  it('keeps credentials that a transform sets, for a body factory as well', async () => {
    const own: AxiosRequestTransformer = (data: unknown, given) => {
      given.set('Authorization', 'Bearer mine');
      return data;
    };
    const { api } = appOn(auth.server, { adapter, transformRequest: [own, ...defaultTransforms] });
    await firstValueFrom(api.post('/public/echo', { a: 1 }));
    await firstValueFrom(api.post('/public/echo', () => ({ a: 1 })));
    const seen = auth.server.requests.map(({ headers: { authorization }, body }) => [authorization, body.toString()]);
    expect(seen).toEqual([
      ['Bearer mine', '{"a":1}'],
      ['Bearer mine', '{"a":1}'],
    ]);
  });

  it('gets its 401 when a transform sets the credentials for a body factory', async () => {
    const own: AxiosRequestTransformer = (_data, given) => (given.set('Authorization', 'Bearer mine'), 'body');
    const { api, refresh } = appOn(auth.server, { adapter, transformRequest: own });
    expect(await errorOf(api.post('/api/echo', () => ({ a: 1 })))).toMatchObject({ status: 401 });
    expect(refresh).not.toHaveBeenCalled();
    expect(auth.server.requests.map((request) => request.headers.authorization)).toEqual(['Bearer mine']);
  });

  it('gets its 401 as a response when its adapter ignores validateStatus', async () => {
    const { api, refresh } = appOn(auth.server, {
      adapter: (config) => axios.getAdapter(adapter)({ ...config, validateStatus: null }),
    });
    expect(await firstValueFrom(api.get('/api/echo', { headers, observe: 'response' }))).toMatchObject({ status: 401 });
    expect(refresh).not.toHaveBeenCalled();
  });
});

describe('with a token in another header than Authorization', () => {
  const authorize = ({ accessToken }: { accessToken: string }): Record<string, string> => ({ 'X-Token': accessToken });
  const seen = (name: string): unknown[] => auth.server.requests.map((request) => request.headers[name]);

  it('`authorize` is called once for each send', async () => {
    const asked = vi.fn(authorize);
    const { api } = appOn(auth.server, { sessionOptions: { authorize: asked } });
    await firstValueFrom(api.get('/public/echo'));
    expect(asked).toHaveBeenCalledTimes(1);
    auth.server.route('/public/once', ({ headers }) => ({
      status: String(headers['x-token']).startsWith('access1') ? 401 : 200,
    }));
    await firstValueFrom(api.get('/public/once'));
    expect(asked).toHaveBeenCalledTimes(3);
  });

  it('a request that brings that header keeps its own', async () => {
    const { api } = appOn(auth.server, { sessionOptions: { authorize } });
    await firstValueFrom(api.get('/public/echo', { headers: { 'x-token': 'mine' } }));
    expect(seen('x-token')).toEqual(['mine']);
  });

  it('an Authorization is not the request’s own credential, while the session is restored either', async () => {
    const tokens = auth.server.login();
    const store = { get: () => pause(20).then(() => tokens), set: () => undefined };
    const { api } = appOn(auth.server, { sessionOptions: { authorize, store } });
    await firstValueFrom(api.get('/public/echo', { headers: { Authorization: 'Basic x' } }));
    expect([seen('authorization'), seen('x-token')]).toEqual([['Basic x'], [tokens.accessToken]]);
  });
});

it.each(['X-Authorization', 'Authorization-Token'])(
  'with a token in %s, `auth` is not the request’s own credential',
  async (name) => {
    const authorize = ({ accessToken }: { accessToken: string }): Record<string, string> => ({ [name]: accessToken });
    const { api, session } = appOn(auth.server, { sessionOptions: { authorize } });
    await firstValueFrom(api.get('/public/echo', { auth: { username: 'ada', password: 'x' } }));
    const [sent] = auth.server.requests;
    expect(sent?.headers.authorization).toMatch(/^Basic /);
    expect(sent?.headers[name.toLowerCase()]).toBe(session.state.tokens?.accessToken);
  },
);

it.each([undefined, null])('`auth: %s` is not a request’s own credential', async (none) => {
  const { api } = appOn(auth.server);
  await firstValueFrom(api.get('/api/echo', { auth: none as never }));
  expect(auth.server.requests.map(({ tokenState }) => tokenState)).toEqual(['valid']);
});

it('credentials in the URL are a request’s own: their 401 starts no refresh', async () => {
  const { api, refresh } = appOn(auth.server);
  expect(await errorOf(api.get(`${auth.server.url.replace('//', '//ada:x@')}/api/echo`))).toMatchObject({
    status: 401,
  });
  expect(auth.server.requests[0]?.headers.authorization).toMatch(/^Basic /);
  expect(refresh).not.toHaveBeenCalled();
});

describe('the userinfo of a URL', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });
  /** Whether a request to this URL gets the token of the session. */
  const carriesToken = async (url: string): Promise<boolean> => {
    const adapter: AxiosAdapter = async (config) => ({
      config,
      data: config.headers.has('Authorization'),
      status: 200,
      statusText: 'OK',
      headers: {},
    });
    const { api } = appOn(auth.server, { baseURL: 'https://api.example.com', adapter });
    return firstValueFrom(api.get<boolean>(url));
  };

  it.each(['https://ada:x@api.example.com/', 'HTTPS://ada@api.example.com/'])('is recognised in %s', async (url) => {
    expect(await carriesToken(url)).toBe(false);
  });

  it('is recognised in a URL without a scheme, which a page completes', async () => {
    vi.stubGlobal('location', { href: 'https://app.example.com/' });
    expect(await carriesToken('//ada:x@api.example.com/')).toBe(false);
    expect(await carriesToken('//api.example.com/')).toBe(true);
  });

  it.each([
    'https://api.example.com/?next=https://ada@example.com',
    'https://api.example.com/@ada',
    'https://api.example.com?ada@example.com',
    'https://api.example.com#@ada',
    '/?next=https://ada@example.com',
  ])('is not found in %s, which has an @ elsewhere', async (url) => {
    expect(await carriesToken(url)).toBe(true);
  });
});
