import { attachSession, createClient, withoutSession } from 'sluice';
import axios, {
  Axios,
  type AxiosInstance,
  type AxiosPromise,
  type AxiosRequestConfig,
  type RawAxiosRequestConfig,
} from 'axios';
import { createRequire } from 'node:module';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { attachedOn, seen } from './attached.ts';
import { adapters, errorOf, sessionOn, type Echo } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

/** Each way to call an instance. */
const calls: [string, (instance: AxiosInstance) => Promise<unknown>][] = [
  ['instance(config)', (instance) => instance({ url: '/api/echo' })],
  ['instance(url, config)', (instance) => instance('/api/echo', { method: 'post', data: 'a' })],
  ['instance.request(config)', (instance) => instance.request({ url: '/api/echo', method: 'PUT', data: { a: 1 } })],
  ['instance.get', (instance) => instance.get('/api/echo')],
  ['instance.delete', (instance) => instance.delete('/api/echo')],
  ['instance.head', (instance) => instance.head('/api/echo')],
  ['instance.options', (instance) => instance.options('/api/echo')],
  ['instance.post', (instance) => instance.post('/api/echo', { a: 1 })],
  ['instance.put', (instance) => instance.put('/api/echo', { a: 1 })],
  ['instance.patch', (instance) => instance.patch('/api/echo', { a: 1 })],
  ['instance.postForm', (instance) => instance.postForm('/api/echo', { a: 1 })],
  ['instance.putForm', (instance) => instance.putForm('/api/echo', { a: 1 })],
  ['instance.patchForm', (instance) => instance.patchForm('/api/echo', { a: 1 })],
];

describe.each(adapters)('a call of an attached instance with the %s adapter', (adapter) => {
  it.each(calls)('is sent again after a refresh: %s', async (_, call) => {
    const { instance } = attachedOn(auth.server, { adapter });
    auth.server.expireAccess();
    await call(instance);
    expect(seen(auth.server)).toEqual(['/api/echo ada 1', '/api/refresh-token', '/api/echo ada 2']);
    const [first, second] = auth.server.sent('/api/echo');
    expect(second?.method).toBe(first?.method);
    expect(second?.body.byteLength).toBe(first?.body.byteLength);
  });
});

describe('another instance', () => {
  it('made by instance.create() has the defaults, but no session', async () => {
    const { instance } = attachedOn(auth.server);
    const child = instance.create({ headers: { 'X-Child': 'yes' } });
    expect(await errorOf(child.get('/api/echo'))).toMatchObject({ status: 401 });
    expect(auth.server.requests[0]?.headers).toMatchObject({ 'x-child': 'yes' });
    expect(auth.server.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('made by instance.create() can be attached as well, and shares the refresh', async () => {
    const { instance, session } = attachedOn(auth.server);
    const child = instance.create();
    attachSession(child, session);
    auth.server.expireAccess();
    const hold = auth.server.hold('/api/echo');
    const answers = Promise.all([instance, child].map((one) => one.get<Echo>('/api/echo')));
    await hold.waiting(2);
    hold.release();
    expect((await answers).map(({ data }) => data.generation)).toEqual([2, 2]);
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it('of the class Axios can be attached', async () => {
    const own = new Axios({ ...axios.defaults, baseURL: auth.server.url } as AxiosRequestConfig);
    attachSession(own as AxiosInstance, sessionOn(auth.server).session);
    auth.server.expireAccess();
    expect((await own.get<Echo>('/api/echo')).data.generation).toBe(2);
  });

  it.each(adapters)('of the class Axios may lack all of axios’s defaults (%s)', async (adapter) => {
    const own = new Axios({ baseURL: auth.server.url, adapter });
    attachSession(own as AxiosInstance, sessionOn(auth.server).session);
    auth.server.expireAccess();
    const { data } = await own.post<string>('/api/echo', 'text');
    expect(JSON.parse(data)).toMatchObject({ text: 'text', generation: 2 });
  });

  it('of the class Axios may lack an adapter, and has axios’s own then', async () => {
    const own = new Axios({ baseURL: auth.server.url });
    const { session } = sessionOn(auth.server);
    const api = createClient({ axios: own, session });
    expect(await firstValueFrom(api.get('/api/echo'))).toEqual(expect.stringContaining('"generation":1'));
    attachSession(own as AxiosInstance, session);
    expect((await own.get('/api/echo')).data).toEqual(expect.stringContaining('"generation":1'));
  });

  it('of another copy of axios gets response headers of the AxiosHeaders of that copy', async () => {
    const copy = createRequire(import.meta.url)('axios') as typeof axios;
    const { session } = sessionOn(auth.server);
    for (const made of [copy, axios]) {
      const instance = made.create({ baseURL: auth.server.url });
      attachSession(instance, session);
      const { headers } = await instance.get('/api/echo');
      expect(headers).toBeInstanceOf(made.AxiosHeaders);
      expect(headers['content-type']).toBe('application/json');
      const { response } = await errorOf(instance.get('/api/status/409'));
      expect(response?.headers).toBeInstanceOf(made.AxiosHeaders);
      expect(response?.headers['content-type']).toBe('application/json');
    }
  });

  it('of another copy of axios is given response headers as a plain object, one of this copy as AxiosHeaders', async () => {
    const copy = createRequire(import.meta.url)('axios') as typeof axios;
    const { session } = sessionOn(auth.server);
    const prototypes: unknown[] = [];
    for (const made of [copy, axios]) {
      const instance = made.create({ baseURL: auth.server.url });
      // This interceptor runs after the session's, and so wraps its adapter.
      instance.interceptors.request.use((config) => {
        const adapter = made.getAdapter(config.adapter);
        config.adapter = async (request) => {
          const response = await adapter(request);
          prototypes.push(Object.getPrototypeOf(response.headers));
          return response;
        };
        return config;
      });
      attachSession(instance, session);
      await instance.get('/api/echo');
    }
    expect(prototypes).toEqual([Object.prototype, axios.AxiosHeaders.prototype]);
  });

  it('of another copy of axios can be attached', async () => {
    const copy = createRequire(import.meta.url)('axios') as typeof axios;
    expect(copy).not.toBe(axios);
    const instance = copy.create({ baseURL: auth.server.url });
    attachSession(instance, sessionOn(auth.server).session);
    auth.server.expireAccess();
    expect((await instance.post<Echo>('/api/echo', { a: 1 })).data).toMatchObject({ generation: 2, text: '{"a":1}' });
    auth.server.route('/api/echo', () => ({ status: 409 }));
    expect(copy.isAxiosError(await errorOf(instance.get('/api/echo')))).toBe(true);
  });
});

/** Clients as OpenAPI generators make them: classes that take an instance, and a base path of their own. */
class UsersApi {
  private readonly basePath: string;
  private readonly axios: AxiosInstance;
  constructor(basePath: string, instance: AxiosInstance = axios) {
    this.basePath = basePath;
    this.axios = instance;
  }

  getUser(id: number, options: RawAxiosRequestConfig = {}): AxiosPromise<Echo> {
    const url = new URL(`/api/users/${id}`, 'https://example.com');
    url.searchParams.set('expand', 'all');
    const headers = { ...(options.headers as object), Accept: 'application/json' };
    return this.request({ ...options, method: 'GET', headers, url: url.pathname + url.search });
  }

  createUser(user: object, options: RawAxiosRequestConfig = {}): AxiosPromise<Echo> {
    const headers = { ...(options.headers as object), 'Content-Type': 'application/json' };
    return this.request({ ...options, method: 'POST', headers, url: '/api/users', data: JSON.stringify(user) });
  }

  private request(args: RawAxiosRequestConfig): AxiosPromise<Echo> {
    return this.axios.request({ ...args, url: (this.axios.defaults.baseURL ? '' : this.basePath) + (args.url ?? '') });
  }
}

describe('a generated client on an attached instance', () => {
  it('is served by a refresh on an instance with a base URL', async () => {
    const { instance } = attachedOn(auth.server);
    const users = new UsersApi('https://elsewhere.example.com', instance);
    auth.server.expireAccess();
    const { data } = await users.getUser(7);
    expect(data).toMatchObject({ path: '/api/users/7', query: { expand: 'all' }, generation: 2 });
    expect((await users.createUser({ name: 'Ada' })).data.text).toBe('{"name":"Ada"}');
  });

  it('is served by a refresh with absolute URLs whose origin is in trustedOrigins', async () => {
    const { session } = sessionOn(auth.server);
    const instance = axios.create();
    attachSession(instance, session, { trustedOrigins: [auth.server.url] });
    const users = new UsersApi(auth.server.url, instance);
    auth.server.expireAccess();
    expect((await users.createUser({ name: 'Ada' })).data).toMatchObject({ text: '{"name":"Ada"}', generation: 2 });
  });

  it('sends no token with absolute URLs whose origin is not in trustedOrigins', async () => {
    const instance = axios.create();
    attachSession(instance, sessionOn(auth.server).session, { trustedOrigins: ['https://api.example.com'] });
    expect(await errorOf(new UsersApi(auth.server.url, instance).getUser(7))).toMatchObject({ status: 401 });
    expect(auth.server.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('opts out of the session by its request options', async () => {
    const { instance } = attachedOn(auth.server);
    expect(await errorOf(new UsersApi('', instance).getUser(7, withoutSession()))).toMatchObject({ status: 401 });
    expect(auth.server.refreshes).toEqual([]);
  });
});

describe('a URL given to an attached instance', () => {
  it.each([
    ['below the base', '/echo', '/api/echo'],
    ['without a slash', 'echo', '/api/echo'],
    ['with a query', 'echo?q=1', '/api/echo'],
    ['with a fragment', 'echo#top', '/api/echo'],
    ['of nothing', '', '/api/'],
    ['up from the base', '../api/echo', '/api/echo'],
  ])('is joined to the base URL and gets the token: %s', async (_, url, path) => {
    const { instance } = attachedOn(auth.server, { baseURL: `${auth.server.url}/api/` });
    await instance.get(url);
    expect(auth.server.requests).toMatchObject([{ path, tokenState: 'valid' }]);
  });

  it('gets the token when it is absolute and has the trusted origin', async () => {
    const { instance } = attachedOn(auth.server, { baseURL: `${auth.server.url}/other` });
    await instance.get(`${auth.server.url}/api/echo`);
    await instance.get(`${auth.server.url.replace('http:', 'HTTP:')}/api/echo`);
    expect(auth.server.requests.map(({ tokenState }) => tokenState)).toEqual(['valid', 'valid']);
  });

  it('has its parameters once in both sends', async () => {
    const { instance } = attachedOn(auth.server);
    auth.server.expireAccess();
    await instance.get('/api/echo?a=1', { params: { b: [1, 2], c: 'x y' } });
    const [first, second] = auth.server.sent('/api/echo');
    expect(first?.url).toBe('/api/echo?a=1&b%5B%5D=1&b%5B%5D=2&c=x+y');
    expect(second?.url).toBe(first?.url);
  });
});
