import { attachSession, createClient } from 'sluice';
import axios, { AxiosError, AxiosHeaders, type AxiosAdapter, type AxiosInstance, type AxiosResponse } from 'axios';
import { firstValueFrom, map, type Observable } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { attachedOn, seen } from './attached.ts';
import { errorOf, flush, instanceOn, sessionOn, type Echo } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

/** The two ways to give an instance a session. */
const ways = {
  attached: (instance: AxiosInstance): { get: (path: string, options?: object) => Promise<unknown> } => {
    attachSession(instance, sessionOn(auth.server).session);
    return { get: (path, options) => instance.get<unknown>(path, options).then(({ data }) => data) };
  },
  client: (instance: AxiosInstance): { get: (path: string, options?: object) => Promise<unknown> } => {
    const api = createClient({ axios: instance, session: sessionOn(auth.server).session });
    return { get: (path, options) => firstValueFrom(api.get(path, options)) };
  },
};

/**
 * Answers by the generation of the token, as `axios-mock-adapter` does: a 401 is an error by the config's own
 * `validateStatus`.
 */
function mock(answers: (token: string | undefined, n: number) => [status: number, data?: unknown]) {
  const tokens: (string | undefined)[] = [];
  const adapter: AxiosAdapter = async (config) => {
    const token = config.headers.get('Authorization')?.toString();
    tokens.push(token);
    const [status, data] = answers(token, tokens.length);
    const response = { status, data, statusText: '', headers: new AxiosHeaders(), config } as AxiosResponse;
    if (!config.validateStatus || config.validateStatus(status)) return response;
    throw new AxiosError(`status ${status}`, AxiosError.ERR_BAD_REQUEST, config, null, response);
  };
  return { adapter, tokens };
}

describe.each(['attached', 'client'] as const)('an adapter that the app sets (instance: %s),', (way) => {
  it('is used when it is set on the instance after attaching', async () => {
    const instance = instanceOn(auth.server);
    const { get } = ways[way](instance);
    await get('/api/echo');
    const { adapter, tokens } = mock((_, n) => (n === 1 ? [401] : [200, { mocked: true }]));
    instance.defaults.adapter = adapter;
    expect(await get('/api/echo')).toEqual({ mocked: true });
    expect(tokens).toHaveLength(2);
    expect(tokens[1]).not.toBe(tokens[0]);
    expect(seen(auth.server)).toEqual(['/api/echo ada 1', '/api/refresh-token']);
  });

  it('may throw its 401 whatever validateStatus says: a refresh follows', async () => {
    const instance = instanceOn(auth.server);
    const { get } = ways[way](instance);
    const { adapter } = mock((_, n) => (n === 1 ? [401] : [200, 'healed']));
    instance.defaults.adapter = (config) => adapter({ ...config, validateStatus: (status) => status < 300 });
    expect(await get('/api/echo')).toBe('healed');
  });

  it.each([
    ['no status', {}],
    ['the status 500, without throwing', { status: 500 }],
  ])('makes the request succeed when it responds with %s', async (_, answer) => {
    const { get } = ways[way](instanceOn(auth.server));
    // The types do not allow such responses, but hand-written mocks return them.
    const adapter = (async () => ({ data: 'mine', ...answer })) as unknown as AxiosAdapter;
    expect(await get('/api/echo', { adapter })).toBe('mine');
  });

  it.each([
    [
      'a `destroy` that throws',
      {
        destroy: () => {
          throw new Error('not a stream');
        },
      },
    ],
    ['a `cancel` that returns text', { cancel: () => 'not a stream' }],
    ['`cancel` as a plain value', { cancel: true }],
  ])('causes a refresh by a 401 whose body is no stream but has %s', async (_, body) => {
    const { get } = ways[way](instanceOn(auth.server));
    const { adapter } = mock((_, n) => (n === 1 ? [401, body] : [200, 'healed']));
    expect(await get('/api/echo', { adapter })).toBe('healed');
  });

  it('is no longer used when the app sets the previous adapter of the instance again', async () => {
    const instance = instanceOn(auth.server);
    const { get } = ways[way](instance);
    const original = instance.defaults.adapter;
    instance.defaults.adapter = mock(() => [200, 'mocked']).adapter;
    expect(await get('/api/echo')).toBe('mocked');
    instance.defaults.adapter = original!;
    expect(await get('/api/echo')).toMatchObject({ user: 'ada' });
  });

  it('of a single request is used for that request only', async () => {
    const { get } = ways[way](instanceOn(auth.server));
    const { adapter, tokens } = mock((_, n) => (n === 1 ? [401] : [200, 'mine']));
    expect(await get('/api/echo', { adapter })).toBe('mine');
    expect(tokens).toHaveLength(2);
    expect(await get('/api/echo')).toMatchObject({ generation: 2 });
  });

  it('may be a name, or a list of names of which the first available one is used', async () => {
    const { get } = ways[way](instanceOn(auth.server));
    auth.server.expireAccess();
    expect(await get('/api/echo', { adapter: 'fetch' })).toMatchObject({ generation: 2 });
    expect(await get('/api/echo', { adapter: ['xhr', 'http'] })).toMatchObject({ generation: 2 });
    // Only Node's fetch sends this header, so it shows which adapter has sent a request.
    const byFetch = auth.server.sent('/api/echo').map(({ headers }) => 'sec-fetch-mode' in headers);
    expect(byFetch).toEqual([true, true, false]);
  });

  it('that the platform does not have fails its request with ERR_NOT_SUPPORT, and nothing is sent', async () => {
    const { get } = ways[way](instanceOn(auth.server));
    expect(await errorOf(get('/api/echo', { adapter: 'xhr' }))).toMatchObject({ code: 'ERR_NOT_SUPPORT' });
    await flush(auth.server);
    expect(seen(auth.server)).toEqual([]);
  });

  it('fails only its own request when it throws synchronously', async () => {
    const { get } = ways[way](instanceOn(auth.server));
    const broken = new TypeError('broken');
    const adapter = (): never => {
      throw broken;
    };
    expect(await errorOf(get('/api/echo', { adapter }))).toBe(broken);
    expect(broken).not.toHaveProperty('config');
    expect(await get('/api/echo')).toMatchObject({ generation: 1 });
  });

  it('may reject without an error: its request rejects with undefined', async () => {
    const { get } = ways[way](instanceOn(auth.server));
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as careless adapters do
    const adapter = (): Promise<never> => Promise.reject();
    expect(await errorOf(get('/api/echo', { adapter }))).toBeUndefined();
  });

  it('may wrap the previous adapter, as caches and throttles do, and runs below the session', async () => {
    const instance = instanceOn(auth.server);
    const inner = axios.getAdapter(instance.defaults.adapter);
    const wrapping = vi.fn<AxiosAdapter>((config) => inner(config));
    const { get } = ways[way](instance);
    instance.defaults.adapter = wrapping;
    auth.server.expireAccess();
    expect(await get('/api/echo')).toMatchObject({ generation: 2 });
    expect(wrapping).toHaveBeenCalledTimes(2);
  });
});

describe('a cache that responds from a request interceptor by setting the request’s adapter', () => {
  /** A cache that works as `axios-cache-interceptor` does. */
  const cached = (instance: AxiosInstance): Map<string, AxiosResponse> => {
    const store = new Map<string, AxiosResponse>();
    instance.interceptors.request.use(async (config) => {
      const hit = store.get(config.url ?? '');
      return hit ? { ...config, adapter: async () => ({ ...hit, config }) } : config;
    });
    instance.interceptors.response.use((response) => {
      store.set(response.config.url ?? '', response);
      return response;
    });
    return store;
  };

  it.each(['before', 'after'])(
    'answers the second request itself when it is registered %s the session',
    async (when) => {
      const instance = instanceOn(auth.server);
      if (when === 'before') cached(instance);
      attachSession(instance, sessionOn(auth.server).session);
      if (when === 'after') cached(instance);
      auth.server.expireAccess();
      const first = await instance.get<Echo>('/api/echo');
      const second = await instance.get<Echo>('/api/echo');
      expect(second.data).toEqual(first.data);
      expect(seen(auth.server)).toEqual(['/api/echo ada 1', '/api/refresh-token', '/api/echo ada 2']);
    },
  );

  it('contains no token', async () => {
    const { instance, session } = attachedOn(auth.server);
    const store = cached(instance);
    await instance.get('/api/echo');
    const { config, headers } = store.get('/api/echo')!;
    expect(JSON.stringify([config, headers])).not.toContain(session.state.tokens?.accessToken);
    expect(config.headers.has('Authorization')).toBe(false);
  });
});

describe('a retry with the config of a failed request, as axios-retry does it,', () => {
  const retrying = (instance: AxiosInstance): void => {
    instance.interceptors.response.use(undefined, (error: AxiosError) => {
      const config = error.config as (typeof error)['config'] & { tries?: number };
      config.tries = (config.tries ?? 0) + 1;
      if (error.response?.status !== 503 || config.tries > 2) throw error;
      return instance(config);
    });
  };
  const overloaded = (times: number): void => {
    let n = 0;
    auth.server.route('/api/busy', ({ body, generation }) =>
      ++n <= times ? { status: 503 } : { body: { text: body.toString(), generation } },
    );
  };

  it.each(['before', 'after'])(
    'is authorized once and succeeds after a refresh when it is registered %s the session',
    async (when) => {
      const instance = instanceOn(auth.server);
      if (when === 'before') retrying(instance);
      attachSession(instance, sessionOn(auth.server).session);
      if (when === 'after') retrying(instance);
      overloaded(2);
      auth.server.expireAccess();
      const { data } = await instance.post<unknown>('/api/busy', { a: 1 });
      expect(data).toEqual({ text: '{"a":1}', generation: 2 });
      expect(auth.server.sent('/api/busy').map(({ status }) => status)).toEqual([401, 503, 503, 200]);
      expect(auth.server.refreshes).toHaveLength(1);
    },
  );

  it('works with a client of the instance', async () => {
    const instance = instanceOn(auth.server);
    retrying(instance);
    const api = createClient({ axios: instance, session: sessionOn(auth.server).session });
    overloaded(1);
    const data$: Observable<unknown> = api.post('/api/busy', { a: 1 }).pipe(map((data) => data));
    expect(await firstValueFrom(data$)).toEqual({ text: '{"a":1}', generation: 1 });
  });
});
