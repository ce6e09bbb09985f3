import { attachSession, createClient, InvalidInputError, SessionChangedError, withoutSession } from 'sluice';
import axios from 'axios';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { expectNoToken } from '../support/no-token.ts';
import { useAuthServer, type TokenAnswer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { attachedOn, seen } from './attached.ts';
import { adapters, errorOf, flush, instanceOn, refreshByFetch, sessionOn, tokensFrom, type Echo } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe.each(adapters)('promise code on an attached instance, with the %s adapter,', (adapter) => {
  const app = (options = {}) => attachedOn(auth.server, { adapter, ...options });

  it('is sent with the token', async () => {
    const { data } = await app().instance.get<Echo>('/api/echo');
    expect(data).toMatchObject({ user: 'ada', generation: 1 });
  });

  it('is sent again after one refresh for all requests with a dead token', async () => {
    const { instance } = app();
    auth.server.expireAccess();
    const hold = auth.server.hold('/api/echo');
    const answers = Promise.all([1, 2, 3, 4, 5].map((n) => instance.get<Echo>('/api/echo', { params: { n } })));
    await hold.waiting(5);
    hold.release();
    expect((await answers).map(({ data }) => [data.query['n'], data.generation])).toEqual(
      [1, 2, 3, 4, 5].map((n) => [String(n), 2]),
    );
    expect(auth.server.counts).toEqual({ '/api/echo': 10, '/api/refresh-token': 1 });
  });

  it('is held during the refresh, and then sent once with the new token', async () => {
    const { instance } = app();
    auth.server.expireAccess();
    const refresh = auth.server.hold('/api/refresh-token');
    const first = instance.get('/api/echo');
    await refresh.arrived;
    const second = instance.post('/api/test-get', { a: 1 });
    await flush(auth.server);
    expect(auth.server.sent('/api/test-get')).toEqual([]);
    refresh.release();
    await Promise.all([first, second]);
    expect(seen(auth.server)).toEqual(
      expect.arrayContaining(['/api/echo ada 1', '/api/refresh-token', '/api/echo ada 2', '/api/test-get ada 2']),
    );
    expect(auth.server.sent('/api/test-get')).toHaveLength(1);
    expect(auth.server.staleSends()).toEqual([]);
  });

  it('gets the second 401 as an AxiosError that contains no token', async () => {
    const { instance } = app();
    auth.server.route('/api/echo', () => ({ status: 401, body: { message: 'never' } }));
    const error = await errorOf(instance.get('/api/echo'));
    expect(error).toMatchObject({
      name: 'AxiosError',
      code: 'ERR_BAD_REQUEST',
      message: 'Request failed with status code 401',
      status: 401,
      response: { data: { message: 'never' } },
    });
    expectNoToken([error.config, error.toJSON(), error.response?.config], auth.server.secrets());
    expect(seen(auth.server)).toEqual(['/api/echo ada 1', '/api/refresh-token', '/api/echo ada 2']);
  });

  it('gets the error of a refused refresh', async () => {
    const { instance, session } = app();
    auth.server.expireAccess();
    auth.server.revokeFamily();
    expect(await errorOf(instance.get('/api/echo'))).toMatchObject({ name: 'SessionExpiredError' });
    expect(session.state).toMatchObject({ status: 'signed-out', reason: 'expired' });
  });

  it('is never sent for another person', async () => {
    const { instance, session } = app();
    auth.server.expireAccess();
    const refresh = auth.server.hold('/api/refresh-token');
    const failed = errorOf(instance.get('/api/echo'));
    await refresh.arrived;
    await session.signIn(auth.server.login('bob'));
    expect(await failed).toBeInstanceOf(SessionChangedError);
    refresh.release();
    await flush(auth.server);
    expect(auth.server.sent('/api/echo').map(({ user }) => user)).toEqual(['ada']);
  });

  it('opts out with withoutSession(): no token, no waiting, no refresh', async () => {
    const { instance, refresh } = app();
    auth.server.expireAccess();
    const held = auth.server.hold('/api/refresh-token');
    const first = instance.get('/api/echo');
    await held.arrived;
    const config = Object.freeze({ params: { q: 1 } });
    expect((await instance.get<Echo>('/public/echo', withoutSession(config))).data.query).toEqual({ q: '1' });
    expect(await errorOf(instance.get('/api/test-get', withoutSession()))).toMatchObject({ status: 401 });
    held.release();
    await first;
    expect(auth.server.sent('/public/echo')[0]?.headers.authorization).toBeUndefined();
    expect(refresh).toHaveBeenCalledOnce();
  });

  it.each([
    ['asks with its signal', (signal: AbortSignal) => ({ signal })],
    ['asks at once', () => ({})],
  ])('can refresh through the same attached instance, where `refresh` %s', async (_, options) => {
    const setup = sessionOn(auth.server, {
      refreshTimeoutMs: 10_000,
      refresh: (current, { signal }) =>
        instance
          .post<TokenAnswer>('/api/refresh-token', { refreshToken: current?.refreshToken }, options(signal))
          .then(({ data }) => tokensFrom(data)),
    });
    const instance = instanceOn(auth.server, adapter);
    attachSession(instance, setup.session);
    auth.server.expireAccess();
    expect((await instance.get<Echo>('/api/echo')).data.generation).toBe(2);
    expect(auth.server.refreshes[0]?.request.headers.authorization).toBeUndefined();
  });

  it('may have a body factory, with withoutSession() as well', async () => {
    const { instance } = app();
    const make = vi.fn(() => 'made');
    await instance.post('/public/echo', make);
    await instance.post('/public/echo', make, withoutSession());
    expect(auth.server.requests.map(({ body, user }) => [body.toString(), user])).toEqual([
      ['made', 'ada'],
      ['made', undefined],
    ]);
    expect(make).toHaveBeenCalledTimes(2);
  });

  it('is sent again after a refresh when `isUnauthorized` finds a dead token in the parsed body', async () => {
    const isUnauthorized = ({ data }: { data: unknown }): boolean =>
      (data as { errors?: { extensions: { code: string } }[] }).errors?.[0]?.extensions.code === 'UNAUTHENTICATED';
    const { instance } = app({ use: { isUnauthorized } });
    auth.server.expireAccess();
    expect((await instance.post<unknown>('/api/graphql', {})).data).toEqual({ data: { me: 'ada' } });
    expect(seen(auth.server)).toEqual(['/api/graphql ada 1', '/api/refresh-token', '/api/graphql ada 2']);
  });
});

describe('several attached instances', () => {
  it('share one refresh, also with a client, when they have the same session', async () => {
    const { server } = auth;
    const { session } = sessionOn(server);
    const instances = adapters.map((adapter) => instanceOn(server, adapter));
    const below = axios.create({ baseURL: `${server.url}/api/` });
    for (const instance of [...instances, below]) attachSession(instance, session);
    const api = createClient({ baseURL: server.url, session });
    server.expireAccess();
    const hold = server.hold('/api/echo');
    const answers = Promise.all([
      ...instances.map((instance) => instance.get<Echo>('/api/echo')),
      below.get<Echo>('echo'),
      firstValueFrom(api.get<Echo>('/api/echo', { observe: 'response' })),
    ]);
    await hold.waiting(4);
    hold.release();
    expect((await answers).map(({ data }) => data.generation)).toEqual([2, 2, 2, 2]);
    expect(server.refreshes).toHaveLength(1);
  });

  it('may have a session each, which refreshes by itself', async () => {
    const ada = attachedOn(auth.server, { sessionOptions: { initial: auth.server.login('ada') } });
    const bob = attachedOn(auth.server, { sessionOptions: { initial: auth.server.login('bob') } });
    auth.server.expireAccess('ada');
    const answers = await Promise.all([ada, bob].map(({ instance }) => instance.get<Echo>('/api/echo')));
    expect(answers.map(({ data: { user, generation } }) => [user, generation])).toEqual([
      ['ada', 2],
      ['bob', 1],
    ]);
    expect([ada, bob].map(({ refresh }) => refresh.mock.calls.length)).toEqual([1, 0]);
  });
});

describe('attachSession', () => {
  it('throws for something else than a session, an origin or a known option', () => {
    const { session } = sessionOn(auth.server);
    const instance = instanceOn(auth.server);
    const attach = attachSession as (...args: unknown[]) => unknown;
    expect(() => attach(instance, {})).toThrow(InvalidInputError);
    expect(() => attach(instance, undefined)).toThrow(InvalidInputError);
    expect(() => attach(instance, session, { trustedOrigins: ['api.example.com'] })).toThrow(InvalidInputError);
    expect(() => attach(instance, session, { trustedOrigin: [] })).toThrow(
      /^attachSession\(\) knows no trustedOrigin\b/,
    );
  });

  it('reads nothing from the session until a request is made', () => {
    const { refresh } = attachedOn(auth.server);
    expect(refresh).not.toHaveBeenCalled();
    expect(auth.server.requests).toEqual([]);
  });

  it('attaches to the global axios instance, and detaches from it', async () => {
    const { session } = sessionOn(auth.server, { refresh: (current) => refreshByFetch(auth.server, current) });
    const detach = attachSession(axios, session, { trustedOrigins: [auth.server.url] });
    try {
      expect((await axios.get<Echo>(`${auth.server.url}/api/echo`)).data.generation).toBe(1);
    } finally {
      detach();
    }
    expect(await errorOf(axios.get(`${auth.server.url}/api/echo`))).toMatchObject({ status: 401 });
  });
});
