import { attachSession, memoryStore, RefreshFailedError } from 'sluice';
import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { appOn, flush, instanceOn } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import type { RefreshPreset } from '../support/refresh-behaviour.ts';
import { holdTimeLimits } from '../support/time-limits.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { errorsOf, fetchOn, herd, kindsOf, outcomesOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe('Rule 4: Every subscriber gets exactly one outcome', () => {
  it.each<[RefreshPreset, 'complete' | 'error']>([
    ['ok', 'complete'],
    ['503', 'error'],
    ['429', 'error'],
    ['401', 'error'],
    ['404', 'error'],
    ['400:invalid_grant', 'error'],
    ['400:invalid_client', 'error'],
    ['html', 'error'],
    ['empty', 'error'],
    ['not-json', 'error'],
    ['no-token', 'error'],
    ['same-token', 'error'],
    ['half-body', 'error'],
    ['reset', 'error'],
    ['reset-after-headers', 'error'],
    ['reset-after-rotation', 'error'],
    ['slow-headers', 'error'],
    ['hang', 'error'],
  ])('after a refresh that ends with %s: %s', async (behaviour, kind) => {
    const { server } = auth;
    const { session, api } = appOn(server, {
      sessionOptions: { refreshRetries: false, refreshTimeoutMs: behaviour === 'ok' ? 4000 : 300 },
    });
    const instance = instanceOn(server);
    attachSession(instance, session);
    server.expireAccess();
    server.refreshBehaviour(behaviour);
    const atServer = server.hold('/api/echo*');
    const refresh = server.hold('/api/refresh-token');
    const recordings = [
      ...herd(3, (path) => api.get(path)),
      ...herd(3, (path) => from(instance.get(path))),
      ...herd(3, fetchOn(server, session)),
    ];
    await atServer.waiting(9);
    atServer.release();
    await refresh.arrived;
    const waiting = [
      ...herd(3, (path) => api.get(path)),
      ...herd(3, (path) => from(instance.get(path))),
      ...herd(3, fetchOn(server, session)),
    ];
    refresh.release();
    expect(await kindsOf([...recordings, ...waiting])).toEqual([kind]);
    // No second outcome follows.
    await flush(server);
    expect(await kindsOf([...recordings, ...waiting])).toEqual([kind]);
    expect(server.refreshes).toHaveLength(1);
  });

  it('when half of the waiting requests are unsubscribed, and a sign-out and a sign-in end the others', async () => {
    const { server } = auth;
    const { session, api } = appOn(server);
    server.expireAccess();
    const refresh = server.hold('/api/refresh-token');
    const recordings = herd(10, (path) => api.get(path));
    await refresh.arrived;
    for (const recording of recordings.slice(0, 5)) recording.unsubscribe();
    await session.signOut();
    await session.signIn(server.login());
    const next = record(api.get('/api/test-get'));
    refresh.release();
    expect((await outcomesOf(recordings)).map(({ kind }) => kind)).toEqual([
      ...Array<string>(5).fill('unsubscribed'),
      ...Array<string>(5).fill('error'),
    ]);
    expect(await kindsOf([next])).toEqual(['complete']);
  });
});

describe('Rule 4: No wait is unbounded', () => {
  const timedOut = expect.objectContaining({ name: 'RefreshFailedError', reason: 'timeout' });

  it.each(['hang', 'slow-headers'] as const)(
    'ends a refresh at `refreshTimeoutMs` when the server’s behaviour is %s',
    async (behaviour) => {
      const { server } = auth;
      const passTimeLimit = holdTimeLimits();
      const { api, session } = appOn(server, { sessionOptions: { refreshTimeoutMs: 60, minRefreshIntervalMs: 0 } });
      server.expireAccess();
      server.nextRefresh(behaviour);
      const hold = server.hold('/api/refresh-token');
      const recordings = herd(5, (path) => api.get(path));
      await hold.arrived;
      await server.answered('/api/echo*', 5);
      // A request whose 401 has not arrived yet would start a second refresh after the first one has timed out.
      await flush(server);
      hold.release();
      passTimeLimit(60);
      const errors = await errorsOf(recordings);
      expect(errors).toEqual(Array(5).fill(timedOut));
      expect(session.state).toMatchObject({ status: 'signed-in', generation: 1 });
      // The next request does not wait for the refresh that timed out.
      expect(await kindsOf([record(api.get('/api/echo'))])).toEqual(['complete']);
    },
  );

  it('aborts the request of a refresh that has timed out', async () => {
    const { server } = auth;
    const passTimeLimit = holdTimeLimits();
    const { api } = appOn(server, {
      sessionOptions: {
        refreshTimeoutMs: 60,
        refresh: async (current, { signal }) => {
          const { refreshToken } = current ?? {};
          await fetch(`${server.url}/api/refresh-token`, {
            method: 'POST',
            body: JSON.stringify({ refreshToken }),
            signal,
          });
          return { accessToken: '' };
        },
      },
    });
    server.expireAccess();
    server.refreshBehaviour('hang');
    const hold = server.hold('/api/refresh-token');
    const request = record(api.get('/api/echo'));
    await hold.arrived;
    hold.release();
    passTimeLimit(60);
    expect(await errorsOf([request])).toEqual([timedOut]);
    await server.closed('/api/refresh-token');
  });

  it('ends a refresh at `refreshTimeoutMs` when the server keeps saying try later', async () => {
    const { server } = auth;
    const passTime = holdTimeLimits();
    const { api } = appOn(server, {
      sessionOptions: { refreshRetries: { count: Infinity, initialDelayMs: 5, maxDelayMs: 10 } },
    });
    server.expireAccess();
    server.refreshBehaviour('503');
    const hold = server.hold('/api/refresh-token');
    const recordings = herd(2, (path) => api.get(path));
    await hold.arrived;
    await server.answered('/api/echo*', 2);
    hold.release();
    await waitFor(() => {
      passTime(10);
      expect(server.refreshes.length).toBeGreaterThan(2);
    });
    passTime(30_000);
    expect(await errorsOf(recordings)).toEqual([timedOut, timedOut]);
  });

  const never = (): Promise<never> => new Promise(() => {});

  it('goes on in memory when the store never settles a write', async () => {
    const { server } = auth;
    const { api } = appOn(server, {
      sessionOptions: { store: { ...memoryStore(server.login()), set: never }, storeTimeoutMs: 60 },
    });
    server.expireAccess();
    expect(await kindsOf(herd(3, (path) => api.get(path)))).toEqual(['complete']);
    expect(server.refreshes).toHaveLength(1);
  });

  it('fails requests unsent when the store never settles its first read', async () => {
    const { server } = auth;
    const { api } = appOn(server, { sessionOptions: { store: { get: never, set: () => {} }, storeTimeoutMs: 60 } });
    const errors = await errorsOf(herd(3, (path) => api.get(path)));
    expect(errors).toEqual(
      Array(3).fill(expect.objectContaining({ name: 'RefreshFailedError', reason: 'unavailable' })),
    );
    expect(server.sent()).toEqual([]);
  });

  it('ends a subscription to refresh$ at `refreshTimeoutMs`', async () => {
    const { server } = auth;
    const { session } = appOn(server, { sessionOptions: { refreshTimeoutMs: 60 } });
    server.refreshBehaviour('hang');
    const [error] = await errorsOf([record(session.refresh$)]);
    expect(error).toBeInstanceOf(RefreshFailedError);
    expect(error).toEqual(timedOut);
  });
});
