import { NEVER } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { answer, late } from './fixture.ts';
import { LEASE_MS, MIN_REFRESH_INTERVAL_MS, passAsync, STORE_TIMEOUT_MS, type SessionCell } from './shared-fixture.ts';
import { sharedSessions } from './shared-sessions.ts';

useFakeTime();

const unavailable = { error: { name: 'RefreshFailedError', reason: 'unavailable' } };

it('while the store cannot be reached no token is presented and nobody is signed out; one refresh follows when it is back', async () => {
  const { server, openMany } = sharedSessions();
  const holders = openMany(5, { storeTimeoutMs: STORE_TIMEOUT_MS, minRefreshIntervalMs: MIN_REFRESH_INTERVAL_MS });
  server.expireAccess();
  for (const { way } of holders) way.isDown = true;
  const during = holders.map(({ request }) => request());
  await passAsync(10_000);
  for (const request of during) expect(request.expectOneOutcome()).toMatchObject(unavailable);
  expect(server.presented).toEqual([]);
  for (const { session } of holders) expect(session.state.status).toBe('signed-in');
  for (const { way } of holders) way.isDown = false;
  const afterwards = holders.map(({ request }) => request());
  await passAsync(10_000);
  for (const request of afterwards) expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
  expect(server.presented).toHaveLength(1);
});

it('a store whose first read fails is not taken for empty: the next request reads it again', async () => {
  const { open } = sharedSessions();
  const { session, request, way, story } = open({ isDown: true });
  expect(session.state.status).toBe('unavailable');
  expect(request().expectOneOutcome()).toMatchObject(unavailable);
  way.isDown = false;
  const answered = request();
  await passAsync(10);
  expect(answered.values).toEqual(['ada']);
  expect(session.state).toMatchObject({ status: 'signed-in', owner: 'ada' });
  expect(story().join()).not.toContain('signed-out');
});

describe('a holder that is suspended before its refresh token reaches the server', () => {
  it('is succeeded by one of the others after its lease, and adopts their tokens when it continues', async () => {
    const { server, open, openMany } = sharedSessions();
    const stopped = open({ refresh: () => NEVER });
    const others = openMany(4);
    server.expireAccess();
    stopped.request();
    await passAsync(10);
    stopped.stop();
    const requests = others.map(({ request }) => request());
    await passAsync(LEASE_MS - 100);
    expect(server.presented).toEqual([]);
    await passAsync(2 * LEASE_MS);
    for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
    expect(server.presented).toEqual(['refresh-ada1-1']);
    stopped.resume();
    await passAsync(10);
    expect(stopped.session.state.tokens?.accessToken).toBe('access-ada1-2');
  });

  it('makes the others fail as unavailable within a bound when the engine has a lock, and no token is presented', async () => {
    const { server, openMany } = sharedSessions();
    const neverGranted: NonNullable<SessionCell['lock']> = (_work, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('withdrawn'));
        });
      });
    const bounds = { refreshTimeoutMs: 1_000, storeTimeoutMs: STORE_TIMEOUT_MS };
    const others = openMany(4, { ...bounds, cell: { lock: neverGranted } });
    server.expireAccess();
    const requests = others.map(({ request }) => request());
    await passAsync(1_000 + 3 * STORE_TIMEOUT_MS + LEASE_MS + 10);
    for (const request of requests) expect(request.expectOneOutcome()).toMatchObject(unavailable);
    for (const { session } of others) expect(session.state.status).toBe('signed-in');
    expect(server.presented).toEqual([]);
  });
});

describe('six holders whose token endpoint answers late or never', () => {
  it('present the token once: the timeout of the first one fails all', async () => {
    const { server, openMany } = sharedSessions();
    const refresh = vi.fn(() => NEVER);
    const holders = openMany(6, { refresh, refreshTimeoutMs: 5_000, minRefreshIntervalMs: 60_000 });
    server.expireAccess();
    const requests = holders.map(({ request }) => request());
    await passAsync(5_100);
    for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ error: { reason: 'timeout' } });
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('wait for the one that calls refresh as long as their `refreshTimeoutMs` allows, and fail as it does until its Retry-After ends', async () => {
    const { server, open, openMany } = sharedSessions();
    const patient = open({ refresh: () => late(20_000, answer(503, { 'retry-after': '30' })) });
    const holders = openMany(5, { refreshTimeoutMs: 30_000 });
    server.expireAccess();
    const requests = [patient, ...holders].map(({ request }) => request());
    await passAsync(19_900);
    expect(requests.map(({ settled }) => settled)).toEqual(Array(6).fill(undefined));
    await passAsync(500);
    for (const request of requests) expect(request.expectOneOutcome()).toMatchObject(unavailable);
    const again = holders.map(({ request }) => request());
    await passAsync(29_000);
    for (const request of again) expect(request.expectOneOutcome()).toMatchObject(unavailable);
    expect(server.presented).toEqual([]);
  });
});

it.each([
  ['sign-out', 'signOut'],
  ['dispose()', 'dispose'],
] as const)('a %s withdraws the wait for the engine’s lock', async (_name, method) => {
  const { server, open } = sharedSessions();
  const signals: AbortSignal[] = [];
  const lock: NonNullable<SessionCell['lock']> = (_work, { signal }) => {
    signals.push(signal);
    return new Promise(() => undefined);
  };
  const { session, request } = open({ cell: { lock } });
  server.expireAccess();
  request();
  await passAsync(10);
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  void session[method]();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
});

it('the other holders wait for a healthy holder on a slow store until it is done', async () => {
  const { server, openMany } = sharedSessions();
  const holders = openMany(3, {
    leaseMs: 4_000,
    storeTimeoutMs: STORE_TIMEOUT_MS,
    refreshTimeoutMs: 1_000,
    refresh: server.refresh(900),
  });
  server.expireAccess();
  for (const { way } of holders) way.delayMs = 900;
  const requests = holders.map(({ request }) => request());
  await passAsync(20_000);
  for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
  expect(server.presented).toHaveLength(1);
});

it('a suspended holder without a refresh timeout delays the others by less than two leases', async () => {
  const { server, open } = sharedSessions();
  const stopped = open({ refresh: () => NEVER, refreshTimeoutMs: Infinity });
  const other = open({ refreshTimeoutMs: Infinity });
  server.expireAccess();
  stopped.request();
  await passAsync(10);
  stopped.stop();
  const request = other.request();
  await passAsync(2 * LEASE_MS);
  expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
});
