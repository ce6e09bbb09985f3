import { attachSession, createSession, memoryStore, type TokenSet } from 'sluice';
import type { AxiosInstance, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { describe, expect, it } from 'vitest';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { errorOf } from './fixture.ts';
import {
  asynchronousKinds,
  type AppWithInterceptors,
  appWith,
  interceptorOf,
  type Order,
  orders,
} from './interceptor-kinds.ts';

failOnUnhandled();

const matrix = Object.keys(asynchronousKinds).flatMap((kind) => orders.map((order) => [kind, order] as const));
const isDead = ({ headers }: { headers: { get(name: string): unknown } }): boolean =>
  headers.get('Authorization') === 'ada';

const answerTo = (config: InternalAxiosRequestConfig): AxiosResponse => ({
  data: null,
  status: 200,
  statusText: '',
  headers: {},
  config,
});

/** An app whose `refresh` sends by the attached instance itself. */
function refreshing(
  { order, register }: { order: Order; register: (instance: AxiosInstance) => void },
  refresh: (instance: AxiosInstance, signal: AbortSignal) => Promise<unknown>,
  statusOf: (path: string) => number = () => 200,
): AppWithInterceptors {
  const app: AppWithInterceptors = appWith(
    { order, register },
    {
      refresh: (_, { signal }) => refresh(app.instance, signal).then((): TokenSet => ({ accessToken: 'newer' })),
      answer: (config) => ({ status: isDead(config) ? 401 : statusOf(config.url ?? '') }),
    },
  );
  return app;
}

describe.each(matrix)('with an interceptor that %s, registered %s the session,', (kind, order) => {
  const app = (refresh: Parameters<typeof refreshing>[1]) => {
    const interceptor = interceptorOf(kind);
    interceptor.letGo();
    return refreshing({ order, ...interceptor }, refresh);
  };

  it('a request that `refresh` makes synchronously is recognised as its own: no token, no waiting', async () => {
    const { instance, sent } = app((own) => own.post('/token'));
    await instance.get('/orders');
    expect(sent).toEqual(['get /orders ada', 'post /token nobody', 'get /orders newer']);
  });

  it('a request that `refresh` makes later with its signal is recognised as its own', async () => {
    const { instance, sent } = app(async (own, signal) => {
      await Promise.resolve();
      return own.post('/token', null, { signal });
    });
    await instance.get('/orders');
    expect(sent).toEqual(['get /orders ada', 'post /token nobody', 'get /orders newer']);
  });
});

describe('a request that `refresh` makes on an attached instance', () => {
  const atOnce = () => ({ order: 'after' as const, register: () => undefined });

  it('later without its signal is not recognised: it waits for the refresh until that times out', async () => {
    const { instance, sent } = refreshing(atOnce(), async (own) => {
      await Promise.resolve();
      return own.post('/token');
    });
    expect(await errorOf(instance.get('/orders'))).toMatchObject({ name: 'RefreshFailedError', reason: 'timeout' });
    expect(sent).toEqual(['get /orders ada']);
  });

  it('can have a body factory', async () => {
    const bodies: unknown[] = [];
    const { instance, sent } = refreshing(atOnce(), (own) =>
      own.post('/token', () => 'made', { adapter: async (config) => (bodies.push(config.data), answerTo(config)) }),
    );
    await instance.get('/orders');
    expect(bodies).toEqual(['made']);
    expect(sent).toEqual(['get /orders ada', 'get /orders newer']);
  });

  it('does not make other requests of that moment count as the refresh’s', async () => {
    const { register, letGo } = interceptorOf('waits');
    const { instance, sent } = refreshing({ order: 'after', register }, (own) => own.post('/token'));
    const before = instance.get('/before');
    letGo();
    await before;
    expect(sent).toEqual(['get /before ada', 'post /token nobody', 'get /before newer']);
    await instance.get('/after');
    expect(sent.at(-1)).toBe('get /after newer');
  });

  it.each([
    ['unchanged', (config: object) => config],
    ['spread', (config: object) => ({ ...config })],
  ])('is still recognised when an interceptor retries it with its config, %s', async (_, again) => {
    let failures = 1;
    const { instance, sent } = refreshing(
      {
        order: 'after',
        register: ({ interceptors }) =>
          interceptors.response.use(undefined, (error: { config: object }) => own().request(again(error.config))),
      },
      (its) => its.post('/token', { grant: 'refresh' }),
      (path) => (path === '/token' && failures-- > 0 ? 503 : 200),
    );
    const own = () => instance;
    await instance.get('/orders');
    expect(sent).toEqual(['get /orders ada', 'post /token nobody', 'post /token nobody', 'get /orders newer']);
  });

  it('is still recognised when an interceptor retries it and another sets an adapter for each request', async () => {
    let failures = 1;
    const app: AppWithInterceptors = refreshing(
      {
        order: 'after',
        register: (instance) => {
          const adapter = instance.defaults.adapter;
          instance.interceptors.request.use((config) => Object.assign(config, { adapter }));
          instance.interceptors.response.use(undefined, (error: { config: object }) => instance.request(error.config));
        },
      },
      (own) => own.post('/token'),
      (path) => (path === '/token' && failures-- > 0 ? 503 : 200),
    );
    await app.instance.get('/orders');
    expect(app.sent).toEqual(['get /orders ada', 'post /token nobody', 'post /token nobody', 'get /orders newer']);
  });

  it('gets no token of another attached session either', async () => {
    const { instance, sent } = appWith(
      { order: 'after', register: () => undefined },
      { answer: ({ headers }) => ({ status: headers.get('Authorization') === 'bob' ? 401 : 200 }) },
    );
    const bob = createSession({
      store: memoryStore({ accessToken: 'bob' }),
      canRefresh: () => true,
      refresh: () => instance.post('/token').then(() => ({ accessToken: 'newer bob' })),
      authorize: ({ accessToken }) => ({ Authorization: accessToken }),
    });
    attachSession(instance, bob);
    await instance.get('/');
    expect(sent).toEqual(['get / bob', 'post /token nobody', 'get / newer bob']);
  });
});
