import { attachSession, createClient } from 'sluice';
import axios, { type AxiosInstance, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { attachedOn, seen } from './attached.ts';
import { adapters, errorOf, flush, instanceOn, sessionOn, type Echo } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe.each(adapters)('on an attached instance, with the %s adapter,', (adapter) => {
  const attachedInstance = (prepare: (instance: AxiosInstance) => void, when: string): AxiosInstance => {
    const instance = instanceOn(auth.server, adapter);
    if (when === 'before') prepare(instance);
    attachSession(instance, sessionOn(auth.server).session);
    if (when === 'after') prepare(instance);
    return instance;
  };

  it.each(['before', 'after'])(
    'asynchronous interceptors registered %s the session run once a request',
    async (when) => {
      const requests: string[] = [];
      const instance = attachedInstance(({ interceptors }) => {
        interceptors.request.use(async (config) => {
          await Promise.resolve();
          requests.push(config.headers.has('Authorization') ? 'with a token' : 'without');
          config.headers.set('X-Id', String(requests.length));
          return config;
        });
      }, when);
      auth.server.expireAccess();
      await instance.get('/api/echo');
      expect(requests).toEqual(['without']);
      expect(auth.server.sent('/api/echo').map(({ headers }) => headers['x-id'])).toEqual(['1', '1']);
    },
  );

  it.each(['before', 'after'])('an interceptor registered %s the session can replace the config', async (when) => {
    const instance = attachedInstance(({ interceptors }) => {
      interceptors.request.use((config) => ({ ...config, url: '/api/echo/other', params: { by: 'interceptor' } }));
    }, when);
    auth.server.expireAccess();
    const { data } = await instance.get<Echo>('/api/echo');
    expect(data).toMatchObject({ path: '/api/echo/other', query: { by: 'interceptor' }, generation: 2 });
  });

  it.each(['before', 'after'])(
    'an interceptor registered %s the session that throws prevents the send',
    async (when) => {
      const instance = attachedInstance(({ interceptors }) => {
        interceptors.request.use(() => {
          throw new Error('not today');
        });
      }, when);
      expect(await errorOf(instance.get('/api/echo'))).toMatchObject({ message: 'not today' });
      await flush(auth.server);
      expect(seen(auth.server)).toEqual([]);
    },
  );

  it.each(['before', 'after'])(
    'an interceptor registered %s the session that changes the origin gets no token sent there',
    async (when) => {
      const instance = attachedInstance(({ interceptors }) => {
        interceptors.request.use((config) => ({
          ...config,
          url: `${auth.server.url.replace('127.0.0.1', 'localhost')}/public/echo`,
        }));
      }, when);
      await instance.get('/api/echo');
      expect(auth.server.requests[0]?.headers.authorization).toBeUndefined();
    },
  );

  it.each(['before', 'after'])(
    'an interceptor registered %s the session can set credentials, which are kept',
    async (when) => {
      const instance = attachedInstance(({ interceptors }) => {
        interceptors.request.use((config) => {
          config.headers.set('authorization', 'Bearer mine');
          return config;
        });
      }, when);
      expect(await errorOf(instance.get('/api/echo'))).toMatchObject({ status: 401 });
      expect(auth.server.sent('/api/echo').map(({ headers }) => headers.authorization)).toEqual(['Bearer mine']);
      expect(auth.server.refreshes).toEqual([]);
    },
  );

  it('runWhen decides which requests are intercepted', async () => {
    const interceptor = vi.fn((config: InternalAxiosRequestConfig) => config);
    const instance = attachedInstance(({ interceptors }) => {
      interceptors.request.use(interceptor, null, { runWhen: ({ method }) => method === 'post', synchronous: true });
    }, 'before');
    await instance.get('/api/echo');
    await instance.post('/api/echo');
    expect(interceptor).toHaveBeenCalledOnce();
  });

  it('response interceptors see no 401 that a refresh resolves, so that an old recipe among them has no effect', async () => {
    const { instance } = attachedOn(auth.server, { adapter });
    const failed = vi.fn((error: unknown) => Promise.reject(error as Error));
    const succeeded = vi.fn((response: AxiosResponse) => response);
    instance.interceptors.response.use(succeeded, failed);
    auth.server.expireAccess();
    await Promise.all([1, 2, 3].map(() => instance.get('/api/echo')));
    expect([succeeded, failed].map(({ mock }) => mock.calls.length)).toEqual([3, 0]);
  });

  it('a response interceptor may unwrap response.data: promise code and a client get the body', async () => {
    const { instance, session } = attachedOn(auth.server, { adapter });
    const plain = instanceOn(auth.server, adapter);
    for (const { interceptors } of [instance, plain]) interceptors.response.use(({ data }) => data as AxiosResponse);
    const api = createClient({ axios: plain, session });
    auth.server.expireAccess();
    const [byPromise, byClient, response] = await Promise.all([
      instance.get<never, Echo>('/api/echo'),
      firstValueFrom(api.get<Echo>('/api/echo')),
      firstValueFrom(api.get<Echo>('/api/echo', { observe: 'response' })),
    ]);
    expect([byPromise.generation, byClient.generation, response.data.generation]).toEqual([2, 2, 2]);
    expect(response.status).toBe(200);
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it('a response interceptor may replace the response', async () => {
    const instance = instanceOn(auth.server);
    instance.interceptors.response.use((response) => ({ ...response, data: 'another', status: 299 }));
    const api = createClient({ axios: instance, session: sessionOn(auth.server).session });
    expect(await firstValueFrom(api.get('/api/echo'))).toBe('another');
    const response = await firstValueFrom(api.get('/api/echo', { observe: 'response' }));
    expect(response).toMatchObject({ data: 'another', status: 299 });
  });

  it.each<[string, object]>([
    ['has a config and a status', { config: {}, status: 1 }],
    ['has headers and a status', { headers: {}, status: 1 }],
    ['has a config and headers', { config: {}, headers: {} }],
    ['is an error that has them all', Object.assign(new Error('x'), { config: {}, headers: {}, status: 1 })],
  ])('a response interceptor may unwrap a body that looks like a response: one that %s', async (_, body) => {
    const instance = instanceOn(auth.server);
    instance.interceptors.response.use(() => body as never);
    const api = createClient({ axios: instance, session: sessionOn(auth.server).session });
    expect(await firstValueFrom(api.get('/api/echo'))).toBe(body);
  });

  it('a response interceptor may unwrap a response without a body: a client gives null', async () => {
    const plain = instanceOn(auth.server, adapter);
    plain.interceptors.response.use(({ data }) => data as AxiosResponse);
    const api = createClient({ axios: plain, session: sessionOn(auth.server).session });
    expect(await firstValueFrom(api.get('/api/empty'))).toBeNull();
    expect(await firstValueFrom(api.get('/api/empty', { observe: 'response' }))).toMatchObject({
      status: 204,
      data: null,
    });
  });

  it('a response interceptor may handle an error: a client gives its result', async () => {
    const plain = instanceOn(auth.server, adapter);
    plain.interceptors.response.use(undefined, () => 'a fallback');
    const api = createClient({ axios: plain, session: sessionOn(auth.server).session });
    expect(await firstValueFrom(api.get('/api/status/500'))).toBe('a fallback');
  });

  it('request transforms run once, and their result is sent twice', async () => {
    const transformRequest = vi.fn((data: unknown) => JSON.stringify({ data }));
    const { instance } = attachedOn(auth.server, { adapter, transformRequest });
    auth.server.expireAccess();
    await instance.post('/api/echo', { a: 1 });
    expect(auth.server.sent('/api/echo').map(({ body }) => body.toString())).toEqual(Array(2).fill('{"data":{"a":1}}'));
    expect(transformRequest).toHaveBeenCalledOnce();
  });

  it('response transforms run once, even when a predicate reads the body', async () => {
    const transformResponse = vi.fn((data: string) => ({ made: data.length > 0 }));
    const isUnauthorized = vi.fn(({ status }: AxiosResponse) => status === 401);
    const { instance } = attachedOn(auth.server, { adapter, transformResponse, use: { isUnauthorized } });
    auth.server.expireAccess();
    expect((await instance.get<unknown>('/api/echo')).data).toEqual({ made: true });
    expect(isUnauthorized.mock.calls).toMatchObject([
      [{ status: 401, data: { made: true } }],
      [{ status: 200, data: { made: true } }],
    ]);
    // Once for the 401, because the predicate read it, and once for the final response.
    expect(transformResponse).toHaveBeenCalledTimes(2);
  });
});

describe.each(adapters)('validateStatus on an attached instance, with the %s adapter,', (adapter) => {
  const app = (validateStatus: ((status: number) => boolean) | null) =>
    attachedOn(auth.server, { adapter, validateStatus });

  it.each([
    ['takes a 401 for success', () => true],
    ['is null', null],
    ['takes all below 500 for success', (status: number) => status < 500],
  ])('does not prevent a refresh for a 401 when it %s', async (_, validateStatus) => {
    const { instance } = app(validateStatus);
    auth.server.expireAccess();
    expect((await instance.get<Echo>('/api/echo')).data.generation).toBe(2);
  });

  it('makes the final 401 a response when it treats 401 as success', async () => {
    const { instance } = app(() => true);
    auth.server.route('/api/echo', () => ({ status: 401, body: 'stays' }));
    expect(await instance.get('/api/echo')).toMatchObject({ status: 401, data: 'stays' });
    expect(auth.server.sent('/api/echo')).toHaveLength(2);
  });

  it('gives axios’s own error when it treats a 200 as failure', async () => {
    const { instance } = app((status) => status === 418);
    const error = await errorOf(instance.get('/api/echo'));
    expect(error).toMatchObject({ status: 200, message: 'Request failed with status code 200' });
    const raw = await errorOf(axios.get(`${auth.server.url}/public/echo`, { adapter, validateStatus: () => false }));
    expect(error.code).toBe(raw.code);
  });
});
