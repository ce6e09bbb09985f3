import { withoutSession, createClient } from 'sluice';
import { type AxiosCacheInstance, buildMemoryStorage, type CacheOptions, setupCache } from 'axios-cache-interceptor';
import type { AxiosInstance, AxiosRequestConfig } from 'axios';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { instanceOn } from '../http/fixture.ts';
import { expectNoToken } from '../support/no-token.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { type BesideOptions, expectHealedHerd, ways } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

/** How servers and apps use the cache. None of these may show one user's response to another. */
const uses: Record<string, { headers?: Record<string, string>; options?: CacheOptions; request?: object }> = {
  'without headers': {},
  'with Vary: Authorization': { headers: { vary: 'Authorization', 'cache-control': 'max-age=60' } },
  'with a key of its own': { options: { generateKey: ({ url }) => url ?? '' } },
  'with an id for the request': { request: { id: 'me' } },
  'with an ETag and max-age=0, so that each request asks the server': {
    headers: { etag: '"1"', 'cache-control': 'max-age=0' },
  },
};

describe.each(ways)('axios-cache-interceptor installed %s', (_, way) => {
  beforeEach(() => {
    auth.server.route('/api/me', ({ user, generation }) => ({ body: { user, generation } }));
  });
  const app = (options: CacheOptions = {}, beside?: BesideOptions) => {
    const install = (instance: AxiosInstance): void => {
      setupCache(instance, options);
    };
    const setup = way(auth.server, install, beside);
    const me = async (request: object = {}): Promise<unknown> =>
      (await setup.send<{ user: unknown }>({ url: '/api/me', ...request })).data.user;
    return { ...setup, me, cached: setup.instance as AxiosCacheInstance };
  };

  it('does not change that one refresh serves ten requests with a dead token', async () => {
    const { send } = app();
    await expectHealedHerd(auth.server, (n) => send({ url: `/api/echo?n=${n}` }));
  });

  it('serves the same person from the cache, after a refresh as well', async () => {
    const { me, session } = app();
    expect([await me(), await me()]).toEqual(['ada', 'ada']);
    await firstValueFrom(session.refresh$);
    expect(await me()).toBe('ada');
    expect(auth.server.sent('/api/me')).toHaveLength(1);
  });

  it('sends ten identical requests at the same time as one, with one refresh', async () => {
    const { me } = app();
    auth.server.expireAccess();
    expect(await Promise.all(Array.from({ length: 10 }, () => me()))).toEqual(Array(10).fill('ada'));
    expect(auth.server.sent('/api/me')).toHaveLength(2);
    expect(auth.server.refreshes).toHaveLength(1);
  });

  describe.each(Object.entries(uses))('%s', (__, { headers = {}, options, request }) => {
    it('never gives the next person the cached response of the previous one', async () => {
      const { server } = auth;
      server.route('/api/me', ({ user, headers: { 'if-none-match': tag } }) =>
        tag === undefined ? { headers, body: { user } } : { status: 304 },
      );
      const { me, session } = app(options);
      expect(await me(request)).toBe('ada');
      await session.signIn(server.login('bob'));
      expect(await me(request)).toBe('bob');
      await session.signOut();
      await expect(me(request)).rejects.toMatchObject({ response: { status: 401 } });
      await session.signIn(server.login('ada'));
      expect(await me(request)).toBe('ada');
      expect(server.sent('/api/me')).toHaveLength(4);
    });

    it('never gives the next person the response to a request in flight of the previous one', async () => {
      const { server } = auth;
      server.route('/api/me', ({ user }) => ({ headers, body: { user } }));
      const { me, session } = app(options);
      const hold = server.hold('/api/me');
      const ofAda = me(request).catch(() => 'failed');
      const alsoOfAda = me(request).catch(() => 'failed');
      await hold.arrived;
      await session.signIn(server.login('bob'));
      const ofBob = [me(request), me(request)];
      await hold.waiting(2);
      hold.release();
      expect(await Promise.all([...ofBob, me(request)])).toEqual(['bob', 'bob', 'bob']);
      for (const answer of [await ofAda, await alsoOfAda]) expect(['ada', 'failed']).toContain(answer);
      expect(await me(request)).toBe('bob');
    });
  });

  it('caches nothing for a request that was made before its owner was known', async () => {
    const { server } = auth;
    let read: (tokens: object | null) => void = () => undefined;
    const stored = new Promise<object | null>((resolve) => {
      read = resolve;
    });
    const { me, session } = app(
      {},
      { sessionOptions: { store: { get: () => stored as never, set: () => undefined } } },
    );
    const ofAda = me();
    read(server.login('ada'));
    expect(await ofAda).toBe('ada');
    await session.signOut();
    await expect(me()).rejects.toMatchObject({ response: { status: 401 } });
  });

  it('caches nothing for a request whose owner only became known by a refresh, as in a cookie session', async () => {
    const { server } = auth;
    const { me, session } = app(
      {},
      { sessionOptions: { initial: null, canRefresh: () => true, refresh: async () => server.login('ada') } },
    );
    expect(await me()).toBe('ada');
    await session.signOut();
    await expect(me()).rejects.toMatchObject({ response: { status: 401 } });
  });

  it('gives no cached response of the previous person to a request with that person’s config', async () => {
    const { send, session, instance } = app();
    const { config } = await send<unknown>({ url: '/api/me' });
    await session.signIn(auth.server.login('bob'));
    await expect(instance.request(config)).rejects.toMatchObject({ name: 'SessionChangedError' });
    const { adapter: _adapter, ...rest } = config;
    expect((await send({ ...rest, url: '/api/me' })).data.user).toBe('bob');
    const open = send(withoutSession({ ...rest, url: '/api/me' }));
    await expect(open).rejects.toMatchObject({ response: { status: 401 } });
  });

  it('leaves no identical request waiting for ever when the session fails a request', async () => {
    const { server } = auth;
    const { me } = app({}, { sessionOptions: { refreshRetries: false, minRefreshIntervalMs: 0 } });
    server.expireAccess();
    server.nextRefresh('503');
    const both = await Promise.allSettled([me(), me()]);
    expect(both).toMatchObject(Array(2).fill({ status: 'rejected', reason: { name: 'RefreshFailedError' } }));
    expect(await me()).toBe('ada');
  });

  it('updates and removes cached responses by the id that the app gave', async () => {
    const { me, send, cached } = app();
    await me({ id: 'me' });
    await send({ url: '/api/echo', method: 'post', cache: { update: { me: 'delete' } } } as AxiosRequestConfig & {
      url: string;
    });
    await me({ id: 'me' });
    expect(auth.server.sent('/api/me')).toHaveLength(2);
    await cached.storage.remove('me');
    await me({ id: 'me' });
    expect(auth.server.sent('/api/me')).toHaveLength(3);
  });

  it('gives a person their own cached responses from persistent storage after a reload', async () => {
    const storage = buildMemoryStorage();
    let kept: unknown = null;
    const store = {
      get: () => kept as never,
      set: (tokens: unknown) => {
        kept = tokens;
      },
    };
    const first = app({ storage }, { sessionOptions: { store } });
    await first.session.signIn(auth.server.login('ada'));
    expect(await first.me()).toBe('ada');
    const second = app({ storage }, { sessionOptions: { store } });
    expect(await second.me()).toBe('ada');
    expect(auth.server.sent('/api/me')).toHaveLength(1);
    await second.session.signIn(auth.server.login('bob'));
    expect(await second.me()).toBe('bob');
  });

  it('does not mix up people when the store does not keep the owner of the tokens', async () => {
    const { server } = auth;
    const storage = buildMemoryStorage();
    const { accessToken, refreshToken } = server.login('ada');
    const first = app({ storage }, { sessionOptions: { initial: { accessToken, refreshToken } } });
    expect([await first.me(), await first.me()]).toEqual(['ada', 'ada']);
    const second = app({ storage }, { sessionOptions: { initial: server.login('bob') } });
    expect([await second.me(), await second.me()]).toEqual(['bob', 'bob']);
    expect(server.sent('/api/me')).toHaveLength(2);
  });

  it('keeps no token in its storage', async () => {
    const storage = buildMemoryStorage();
    const { me } = app({ storage });
    auth.server.expireAccess();
    await me();
    expect([...storage.data.values()].map(({ state }) => state)).toEqual(['cached']);
    expectNoToken(storage.data, auth.server.secrets());
  });
});

it('axios-cache-interceptor serves requests without the session to everybody', async () => {
  const { server } = auth;
  const [[, way]] = ways as [(typeof ways)[number]];
  const { instance, session } = way(server, (given) => {
    setupCache(given);
  });
  const news = () => instance.request(withoutSession({ url: '/public/echo' }));
  await news();
  await session.signIn(server.login('bob'));
  await news();
  await session.signOut();
  await news();
  expect(server.sent('/public/echo')).toHaveLength(1);
});

it('axios-cache-interceptor works unchanged for a client without a session', async () => {
  const instance = instanceOn(auth.server);
  setupCache(instance);
  const api = createClient({ axios: instance });
  await firstValueFrom(api.get('/public/echo'));
  await firstValueFrom(api.get('/public/echo'));
  expect(auth.server.sent('/public/echo')).toHaveLength(1);
});
