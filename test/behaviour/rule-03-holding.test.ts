import { attachSession, withoutSession } from 'sluice';
import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { appOn, flush, instanceOn } from '../http/fixture.ts';
import type { AuthServer } from '../support/auth-server.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { expectOrderlyRefreshes, fetchOn, herd, kindsOf } from './fixture.ts';

failOnUnhandled();

/** A client and an attached instance of one session, and the first request, whose refresh is held on the server. */
async function duringRefresh(server: AuthServer) {
  const { session, api } = appOn(server);
  const instance = instanceOn(server);
  attachSession(instance, session);
  server.expireAccess();
  const hold = server.hold('/api/refresh-token');
  const first = record(api.get('/api/test-get'));
  await hold.arrived;
  return { session, api, instance, hold, first };
}

describe('Rule 3: While a refresh that was caused by a dead token is in flight, nothing that needs the token goes out', () => {
  const auth = useAuthServer();

  it('holds requests of clients, attached instances and operators until the refresh has settled', async () => {
    const { server } = auth;
    const { session, api, instance, hold, first } = await duringRefresh(server);
    const waiting = [
      ...herd(5, (path) => api.get(path)),
      ...herd(5, (path) => from(instance.get(path))),
      ...herd(5, fetchOn(server, session)),
    ];
    await flush(server);
    expect(server.sent('/api/echo*')).toEqual([]);
    hold.release();
    expect(await kindsOf([first, ...waiting])).toEqual(['complete']);
    expect(server.sent('/api/echo*').map(({ generation }) => generation)).toEqual(Array(15).fill(2));
    expect(server.staleSends()).toEqual([]);
    expectOrderlyRefreshes(server);
  });

  it('sends requests that need no token', async () => {
    const { server } = auth;
    const { api, instance, hold, first } = await duringRefresh(server);
    const free = [
      record(api.get('/public/echo', { session: false })),
      record(from(instance.get('/public/echo', withoutSession()))),
    ];
    expect(await kindsOf(free)).toEqual(['complete']);
    expect(server.sent('/public/echo').map(({ tokenState }) => tokenState)).toEqual(['none', 'none']);
    expect(first.settled).toBeUndefined();
    hold.release();
    expect(await kindsOf([first])).toEqual(['complete']);
  });

  it('holds a request whose token is past `expiresAt` before it is sent at all', async () => {
    const { server } = auth;
    const { api } = appOn(server, { sessionOptions: { initial: { ...server.login(), expiresAt: Date.now() - 1 } } });
    const hold = server.hold('/api/refresh-token');
    const waiting = herd(5, (path) => api.get(path));
    await hold.arrived;
    await flush(server);
    expect(server.sent('/api/echo*')).toEqual([]);
    hold.release();
    expect(await kindsOf(waiting)).toEqual(['complete']);
    expect(server.sent('/api/echo*').map(({ generation }) => generation)).toEqual(Array(5).fill(2));
    expect(server.refreshes).toHaveLength(1);
  });
});

describe('Rule 3: A refresh ahead of expiry neither holds nor fails requests while the old token still works', () => {
  // The token is within the leeway of 30 s from its first request on.
  const auth = useAuthServer({ accessTtlMs: 20_000 });

  it('sends requests with the old token during the refresh', async () => {
    const { server } = auth;
    const { api, events, session } = appOn(server);
    const hold = server.hold('/api/refresh-token');
    const recordings = herd(5, (path) => api.get(path));
    expect(await kindsOf(recordings)).toEqual(['complete']);
    await hold.arrived;
    expect(await kindsOf(herd(5, (path) => api.get(path)))).toEqual(['complete']);
    expect(server.sent('/api/echo*').map(({ generation }) => generation)).toEqual(Array(10).fill(1));
    expect(events).toContainEqual({ type: 'refresh-started', reason: 'expiring', generation: 1 });
    hold.release();
    await server.answered('/api/refresh-token');
    await expect.poll(() => session.state.generation).toBe(2);
    expect(await kindsOf([record(api.get('/api/test-get'))])).toEqual(['complete']);
    expect(server.sent('/api/test-get').map(({ generation }) => generation)).toEqual([2]);
    expect(server.refreshes).toHaveLength(1);
  });

  it.each(['503', 'reset', '400:invalid_client', 'html', '400:invalid_grant'] as const)(
    'lets requests succeed when the refresh ends with %s',
    async (behaviour) => {
      const { server } = auth;
      const { api, session } = appOn(server, { sessionOptions: { refreshRetries: false } });
      server.refreshBehaviour(behaviour);
      const hold = server.hold('/api/echo*');
      const recordings = herd(5, (path) => api.get(path));
      await hold.waiting(5);
      await server.arrived('/api/refresh-token');
      await expect.poll(() => session.state.status).not.toBe('refreshing');
      hold.release();
      expect(await kindsOf(recordings)).toEqual(['complete']);
      expect(server.refreshes).toHaveLength(1);
      if (behaviour !== '400:invalid_grant') {
        expect(session.state.status).toBe('signed-in');
        expect(await kindsOf(herd(3, (path) => api.get(path)))).toEqual(['complete']);
      } else expect(session.state).toMatchObject({ status: 'signed-out', reason: 'expired' });
    },
  );

  it('makes requests wait for the refresh when the old token turns out to be dead', async () => {
    const { server } = auth;
    const { api } = appOn(server);
    server.expireAccess();
    const hold = server.hold('/api/refresh-token');
    const recordings = herd(5, (path) => api.get(path));
    await hold.arrived;
    await server.answered('/api/echo*', 5);
    await flush(server);
    expect(recordings.map(({ settled }) => settled)).toEqual(Array(5).fill(undefined));
    const later = record(api.get('/api/test-get'));
    await flush(server);
    expect(server.sent('/api/test-get')).toEqual([]);
    hold.release();
    expect(await kindsOf([...recordings, later])).toEqual(['complete']);
    expect(server.refreshes).toHaveLength(1);
    expectOrderlyRefreshes(server);
  });
});
