import { attachSession, createClient } from 'sluice';
import { memoryCell, sharedStore } from 'sluice/session';
import { firstValueFrom, from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { appOn, errorOf, instanceOn, sessionOn } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { dyingHerd, expectOrderlyRefreshes, fetchOn, herd, kindsOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe('Rule 1: At most one refresh in flight per session, and per shared store. No refresh token is presented twice, except after a response that says try later', () => {
  it('makes one refresh for clients, attached instances and operators together', async () => {
    const { server } = auth;
    const { session, api } = appOn(server);
    const instance = instanceOn(server);
    attachSession(instance, session);
    server.expireAccess();
    const hold = server.hold('/api/echo*');
    const recordings = [
      ...herd(20, (path) => api.get(path)),
      ...herd(20, (path) => from(instance.get(path))),
      ...herd(20, fetchOn(server, session)),
    ];
    await hold.waiting(60);
    hold.release();
    expect(await kindsOf(recordings)).toEqual(['complete']);
    expect(server.refreshes).toHaveLength(1);
    expect(server.sent('/api/echo*')).toHaveLength(120);
    expect(server.staleSends()).toEqual([]);
    expectOrderlyRefreshes(server);
  });

  it('lets subscribers of refresh$ join the refresh in flight', async () => {
    const { server } = auth;
    const { session, api } = appOn(server);
    server.expireAccess();
    const hold = server.hold('/api/refresh-token');
    const recordings = [record(api.get('/api/echo'))];
    await hold.arrived;
    const asked = [record(session.refresh$), record(session.refresh$)];
    hold.release();
    expect(await kindsOf([...recordings, ...asked])).toEqual(['complete']);
    expect(server.refreshes).toHaveLength(1);
    expectOrderlyRefreshes(server);
  });

  it('presents each refresh token once over many expiries', async () => {
    const { server } = auth;
    const { api } = appOn(server, { sessionOptions: { minRefreshIntervalMs: 0 } });
    for (let life = 1; life <= 5; life += 1) {
      expect(await kindsOf(await dyingHerd(server, api, 10))).toEqual(['complete']);
      expect(server.refreshes).toHaveLength(life);
    }
    expect(new Set(server.refreshes.map(({ refreshToken }) => refreshToken)).size).toBe(5);
    expectOrderlyRefreshes(server);
  });

  it('makes one refresh for all sessions that share a store', async () => {
    const { server } = auth;
    const store = sharedStore(memoryCell());
    await sessionOn(server, { store }).session.signIn(server.login());
    const clients = Array.from({ length: 3 }, () => {
      const { session } = sessionOn(server, { store });
      return { session, api: createClient({ baseURL: server.url, session }) };
    });
    server.expireAccess();
    const hold = server.hold('/api/echo*');
    const recordings = clients.flatMap(({ api }) => herd(5, (path) => api.get(path)));
    await hold.waiting(15);
    hold.release();
    expect(await kindsOf(recordings)).toEqual(['complete']);
    expect(server.refreshes).toHaveLength(1);
    expectOrderlyRefreshes(server);
    expect(new Set(clients.map(({ session }) => session.state.tokens?.accessToken)).size).toBe(1);
  });

  it('presents the refresh token again after a response that says try later', async () => {
    const { server } = auth;
    const { api } = appOn(server, { sessionOptions: { refreshRetries: { initialDelayMs: 1 } } });
    server.nextRefresh('503', '429:retry-after=0');
    expect(await kindsOf(await dyingHerd(server, api, 5))).toEqual(['complete']);
    expect(server.refreshes.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'issued']);
    expect(server.repeats).toHaveLength(2);
    expect(server.reuse).toEqual([]);
    expect(server.refreshes.map(({ inFlight }) => inFlight)).toEqual([0, 0, 0]);
  });

  it.each(['reset', 'reset-after-rotation', 'half-body', 'html', 'not-json', '404', '408'] as const)(
    'does not present the refresh token again by itself after %s',
    async (behaviour) => {
      const { server } = auth;
      const { api } = appOn(server, { sessionOptions: { refreshRetries: { initialDelayMs: 1 } } });
      server.refreshBehaviour(behaviour);
      expect(await kindsOf(await dyingHerd(server, api, 5))).toEqual(['error']);
      // Requests right after the failure do not present the refresh token again either.
      expect((await errorOf(api.get('/api/echo'))).name).toBe('RefreshFailedError');
      expect(server.refreshes).toHaveLength(1);
    },
  );

  it('has no other refresh in flight when the next one starts', async () => {
    const { server } = auth;
    const { session } = appOn(server, { sessionOptions: { minRefreshIntervalMs: 0 } });
    await firstValueFrom(session.refresh$);
    await firstValueFrom(session.refresh$);
    expect(server.refreshes.map(({ inFlight, outcome }) => [inFlight, outcome])).toEqual([
      [0, 'issued'],
      [0, 'issued'],
    ]);
    expectOrderlyRefreshes(server);
  });
});
