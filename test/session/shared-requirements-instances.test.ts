import { NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { record } from '../support/recorder.ts';
import { apiOf, changed, late, tokensOf, unauthorized } from './fixture.ts';
import { LEASE_MS, MIN_REFRESH_INTERVAL_MS, passAsync, STORE_TIMEOUT_MS } from './shared-fixture.ts';
import { sharedSessions, type HolderSession } from './shared-sessions.ts';

useFakeTime();

const unavailable = { error: { name: 'RefreshFailedError', reason: 'unavailable' } };
const bounds = { storeTimeoutMs: STORE_TIMEOUT_MS, minRefreshIntervalMs: MIN_REFRESH_INTERVAL_MS };

it('two instances that refresh over a network at the same moment make one token request, and their holders have different names', async () => {
  const { server, openMany, stored } = sharedSessions();
  const instances = openMany(2, { refresh: server.refresh(50) });
  for (const { way } of instances) way.delayMs = 3;
  const holders = new Set<string | undefined>();
  for (let life = 1; life <= 10; life += 1) {
    server.expireAccess();
    // Reverse the order of the two each time, so that each of them is the first one in turn.
    const requests = instances.toReversed().map(({ request }) => request());
    instances.reverse();
    await passAsync(20);
    holders.add(stored()?.lease?.by);
    await passAsync(2_000);
    for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
    expect(server.presented).toHaveLength(life);
  }
  expect(holders.size).toBe(2);
  expect(server.reused).toEqual([]);
});

it('an instance whose refresh fails after it has lost its lease writes nothing, and adopts the tokens of the other', async () => {
  const { server, open, stored } = sharedSessions();
  const [slow, quick] = [open({ refresh: () => late(50, new Error('offline')) }), open()];
  server.expireAccess();
  slow.request();
  await passAsync(10);
  slow.stop();
  quick.request();
  await passAsync(2 * LEASE_MS);
  const before = stored();
  slow.resume();
  await passAsync(10_000);
  expect(stored()).toBe(before);
  expect(slow.session.state.tokens?.accessToken).toBe('access-ada1-2');
});

describe('a 401 that arrives late at one of several instances', () => {
  it('does not bring back a session that was signed out at another instance meanwhile', async () => {
    const { server, open, content } = sharedSessions();
    const [here, there] = [open(), open()];
    const slow = apiOf(here.session, () => late(5_000, unauthorized));
    server.expireAccess();
    const request = record(slow.get$);
    await passAsync(100);
    void there.session.signOut();
    await passAsync(10_000);
    expect(request.expectOneOutcome()).toMatchObject({ error: changed });
    expect(content().owner).toBeNull();
    expect(server.presented).toEqual([]);
  });

  it('does not bring back old tokens when another instance has refreshed meanwhile', async () => {
    const { server, open, content } = sharedSessions();
    const [here, there] = [open({ deaf: true }), open()];
    const slow = apiOf(here.session, (token) =>
      token === 'access-ada1-1' ? late(5_000, unauthorized) : server.respond(token),
    );
    server.expireAccess();
    const request = record(slow.get$);
    await passAsync(100);
    record(there.session.refresh$);
    await passAsync(10_000);
    expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
    expect(content().accessToken).toBe('access-ada1-2');
    expect(server.presented).toHaveLength(1);
  });
});

it('nine of ten instances never present the token: they adopt newer tokens, or fail as unavailable when their store cannot be reached', async () => {
  const { server, openMany } = sharedSessions();
  const instances = openMany(10, { ...bounds, refresh: server.refresh(100) });
  server.expireAccess();
  const requests = instances.map(({ request }) => request());
  await passAsync(50);
  for (const { way } of instances.slice(7)) way.isDown = true;
  await passAsync(10_000);
  const outcomes = requests.map((request) => request.expectOneOutcome());
  for (const outcome of outcomes.slice(0, 7)) expect(outcome).toMatchObject({ values: ['ada'] });
  for (const outcome of outcomes.slice(7)) expect(outcome).toMatchObject(unavailable);
  expect(server.presented).toHaveLength(1);
});

it('a request just after the rotation, at an instance that was not notified of it, makes no token request', async () => {
  const { server, open } = sharedSessions();
  const [here, there] = [open({ deaf: true }), open()];
  server.expireAccess();
  there.request();
  await passAsync(3);
  expect(there.session.state.tokens?.accessToken).toBe('access-ada1-2');
  const request = here.request();
  await passAsync(100);
  expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
  expect(server.presented).toHaveLength(1);
});

describe.each<[string, (instance: HolderSession) => void]>([
  ['away', ({ way }) => (way.isDown = true)],
  ['slower than storeTimeoutMs', ({ way }) => (way.delayMs = 10 * STORE_TIMEOUT_MS)],
])('a store that is %s', (_how, breakDown) => {
  it('signs nobody out, is not emptied and keeps no request waiting longer than storeTimeoutMs', async () => {
    const { server, openMany, stored } = sharedSessions();
    const instances = openMany(3, bounds);
    const before = stored();
    server.expireAccess();
    for (const instance of instances) breakDown(instance);
    const requests = instances.map(({ request }) => request());
    await passAsync(STORE_TIMEOUT_MS + 1);
    for (const request of requests) expect(request.expectOneOutcome()).toMatchObject(unavailable);
    await passAsync(60_000);
    for (const { session } of instances) expect(session.state).toMatchObject({ status: 'signed-in', owner: 'ada' });
    expect(stored()).toBe(before);
    expect(server.presented).toEqual([]);
  });
});

describe('an operation that never ends', () => {
  it('at the token endpoint blocks no later refresh', async () => {
    const { server, open } = sharedSessions();
    const [here, there] = [open({ ...bounds, refreshTimeoutMs: 1_000 }), open(bounds)];
    here.refresh.mockReturnValueOnce(NEVER);
    server.expireAccess();
    const wedged = here.request();
    await passAsync(1_100);
    expect(wedged.expectOneOutcome()).toMatchObject({ error: { reason: 'timeout' } });
    await passAsync(MIN_REFRESH_INTERVAL_MS);
    const requests = [here.request(), there.request()];
    await passAsync(1_000);
    for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
  });

  it.each(['hangs before', 'hangs after'] as const)(
    'of a write to the store (%s it takes effect) blocks no later one',
    async (how) => {
      const { server, open } = sharedSessions();
      const [here, there] = [open({ ...bounds, refresh: server.refresh(50) }), open(bounds)];
      server.expireAccess();
      here.request();
      await passAsync(10);
      here.way.nextSwaps.push(how);
      await passAsync(10_000);
      server.expireAccess();
      const requests = [here.request(), there.request()];
      await passAsync(10_000);
      for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
      expect(server.reused).toEqual([]);
    },
  );

  it('of writing the tokens of signIn() blocks no later write', async () => {
    const { open, content } = sharedSessions();
    const here = open(bounds);
    here.way.nextSwaps.push('hangs before');
    void here.session.signIn(tokensOf('bob'));
    await passAsync(2 * STORE_TIMEOUT_MS);
    void here.session.signIn(tokensOf('carol'));
    await passAsync(2 * STORE_TIMEOUT_MS);
    expect(content().accessToken).toBe('access-carol');
  });
});
