import { attachSession, createClient } from 'sluice';
import axios, { type AxiosAdapter, AxiosError, AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';
import { inspect } from 'node:util';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { expectNoToken } from '../support/no-token.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { instanceOn, sessionOn } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

/** Sends a request by an adapter that throws, and returns what is thrown. */
const ways: Record<string, (adapter: AxiosAdapter) => Promise<unknown>> = {
  'an attached instance': (adapter) => {
    const instance = instanceOn(auth.server);
    attachSession(instance, sessionOn(auth.server).session);
    return instance.get('/api/echo', { adapter });
  },
  'a client': (adapter) => {
    const api = createClient({ axios: instanceOn(auth.server), session: sessionOn(auth.server).session });
    return firstValueFrom(api.get('/api/echo', { adapter }));
  },
  'a client without a session': (adapter) =>
    firstValueFrom(createClient({ axios: instanceOn(auth.server) }).get('/api/echo', { adapter })),
};

const thrown = (request: Promise<unknown>): Promise<unknown> =>
  request.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );
const throwing =
  (make: (config: InternalAxiosRequestConfig) => unknown): AxiosAdapter =>
  async (config) => {
    const error: unknown = make(config);
    throw error;
  };
const answer = (status: number, config: InternalAxiosRequestConfig) => ({
  data: null,
  status,
  statusText: '',
  headers: new AxiosHeaders(),
  config,
});

describe.each(Object.entries(ways))('an error that an adapter throws for a request of %s', (_way, get) => {
  it('may be part of a circle of causes', async () => {
    const [a, b] = [new Error('a'), new Error('b')];
    [a.cause, b.cause] = [b, a];
    expect(await thrown(get(throwing(() => a)))).toBe(a);
  });

  it('may be about another request, whose config it keeps', async () => {
    const own = new AxiosError('their own', 'ERR', { url: '/sign', headers: new AxiosHeaders() });
    const error = new Error('signing failed', { cause: own });
    expect(await thrown(get(throwing(() => error)))).toBe(error);
    expect(own.config?.url).toBe('/sign');
    const settings = new Error('x', { cause: { config: 'vite.config' } });
    await thrown(get(throwing(() => settings)));
    expect(settings.cause).toEqual({ config: 'vite.config' });
  });

  it('shows no token when it is an AggregateError', async () => {
    const error = await thrown(
      get(throwing((config) => new AggregateError([1, 2].map(() => new AxiosError('x', 'ERR', { ...config }))))),
    );
    expect(inspect(error, { depth: 12 })).toContain('/api/echo');
    expectNoToken({ text: inspect(error, { depth: 12 }), error }, auth.server.secrets());
  });

  it('shows no token when it is an AggregateError of more errors than are examined', async () => {
    const error = await thrown(
      get(
        throwing((config) => new AggregateError(Array.from({ length: 200 }, () => new AxiosError('x', 'ERR', config)))),
      ),
    );
    const [first, last] = [
      (error as AggregateError).errors.at(0),
      (error as AggregateError).errors.at(-1),
    ] as unknown[];
    expectNoToken({ text: inspect([first, last], { depth: 12 }) }, auth.server.secrets());
  });

  it('shows no token when it comes from another instance, by which the adapter sent the request', async () => {
    const bare = axios.create();
    const error = await thrown(
      get(async (config) =>
        bare.request({ ...config, adapter: throwing((inner) => new AxiosError('x', 'ERR', inner)) }),
      ),
    );
    expect(inspect(error, { depth: 12 })).toContain('/api/echo');
    expectNoToken({ text: inspect(error, { depth: 12 }) }, auth.server.secrets());
  });

  it('shows no token when its cause is an AxiosError that has the token with another scheme than Bearer', async () => {
    const error = await thrown(
      get(
        throwing((config) => {
          const headers = new AxiosHeaders(config.headers);
          headers.set('Authorization', String(headers.get('Authorization')).replace('Bearer', 'DPoP'));
          return new Error('signing failed', { cause: new AxiosError('x', 'ERR', { ...config, headers }) });
        }),
      ),
    );
    expect(inspect(error, { depth: 12 })).toContain('/api/echo');
    expectNoToken({ text: inspect(error, { depth: 12 }), error }, auth.server.secrets());
  });

  it.each<[string, (config: InternalAxiosRequestConfig) => object]>([
    ['is frozen', (config) => Object.freeze(new AxiosError('x', 'ERR', config))],
    ['has a getter for its config', (config) => Object.defineProperty(new Error('x'), 'config', { get: () => config })],
    [
      'cannot be read',
      (config) =>
        Object.defineProperty(new AxiosError('x', 'ERR', config), 'cause', {
          get: () => {
            throw new Error('not to be read');
          },
        }),
    ],
  ])('is rethrown without a token when it %s', async (_, make) => {
    let made: unknown;
    expect(await thrown(get(throwing((config) => (made = make(config)))))).toBe(made);
    expectNoToken({ text: inspect((made as { config?: unknown }).config, { depth: 12 }) }, auth.server.secrets());
  });

  it('keeps a property `request` that it inherits', async () => {
    const failure = Object.setPrototypeOf(new Error('x'), { request: 'inherited' }) as { request: string };
    await thrown(get(throwing(() => failure)));
    expect(failure.request).toBe('inherited');
  });
});

describe.each(Object.entries(ways).slice(0, 2))('a 401 that an adapter throws for a request of %s', (_way, get) => {
  it.each<[string, (error: AxiosError) => unknown]>([
    ['is frozen', (error) => Object.freeze(error)],
    [
      'has a cause whose cause is the error itself',
      (error) => Object.assign(error, { cause: Object.assign(new Error('y'), { cause: error }) }),
    ],
  ])('is followed by a refresh and a resend when it %s', async (_, make) => {
    let sends = 0;
    const adapter: AxiosAdapter = async (config) => {
      sends += 1;
      if (sends === 2) return { ...answer(200, config), data: 'healed' };
      const error: unknown = make(new AxiosError('x', 'ERR', config, undefined, answer(401, config)));
      throw error;
    };
    expect(JSON.stringify(await get(adapter))).toContain('healed');
    expect(sends).toBe(2);
  });
});
