import { of, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RefreshFailedError, type TokenSet } from 'sluice/session';
import { record } from '../support/recorder.ts';
import { accepting, answer, apiOf, at, deferred, refusal, setUp, shared, tokensOf } from './fixture.ts';
import { marbles } from '../support/marbles.ts';

describe('the result of a refresh', () => {
  it.each([NaN, Infinity, '3600', 1_795_000_000, {}])(
    'with an expiresAt of %s is used: the rotated tokens are kept without an expiry, and that is reported',
    (expiresAt) => {
      vi.useFakeTimers({ now: Date.UTC(2026, 10, 27), toFake: ['Date'] });
      const { session, store, story } = setUp({ refresh: () => of({ ...tokensOf(2), expiresAt } as TokenSet) });
      expect(record(session.refresh$).values).toEqual([tokensOf(2)]);
      expect(store.get()).toMatchObject(tokensOf(2));
      expect(story().at(-2)).toMatch(/^tokens-faulty refresh: expiresAt /);
      vi.useRealTimers();
    },
  );

  it.each([undefined, null, ''])('with a refreshToken of %j keeps the old refresh token', (refreshToken) => {
    const { session, store } = setUp({ refresh: () => of({ accessToken: 'access-2', refreshToken } as TokenSet) });
    record(session.refresh$);
    expect(session.state.tokens).toEqual({ accessToken: 'access-2', refreshToken: 'refresh-1' });
    expect(store.get()).toMatchObject({ refreshToken: 'refresh-1' });
  });

  it.each([
    [{ access_token: 'access-2' }, 'it has no accessToken of its own, but access_token'],
    [{ data: tokensOf(2), status: 200 }, 'it has no accessToken of its own, but data, status'],
    [7, 'a number is no token set'],
  ])('that is no token set fails as invalid-response, and the cause names what was given: %j', (given, fault) => {
    const { session } = setUp({ refresh: () => of(given as unknown as TokenSet) });
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({
      error: { reason: 'invalid-response', cause: { message: `refresh gave: ${fault}.` } },
    });
  });

  it('with getters that throw ends the refresh as failed', () => {
    const hostile = {
      get accessToken(): string {
        throw new Error('access-2');
      },
    };
    const { session } = setUp({ refresh: () => of(hostile) });
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ error: { reason: 'invalid-response' } });
    expect(session.state.status).toBe('signed-in');
  });
});

describe('an error of a refresh', () => {
  const hostile = new Proxy(new Error('refused'), {
    get: (_error, name) => {
      throw new Error(`access-1 ${String(name)}`);
    },
  });

  it('with getters that throw ends the refresh as failed', () => {
    const { session } = setUp({ refresh: () => throwError(() => hostile) });
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ error: { name: 'RefreshFailedError' } });
    expect(session.state.status).toBe('signed-in');
  });

  it.each([
    ['session-expired', 'SessionExpiredError', 'signed-out'],
    ['refresh-failed', 'RefreshFailedError', 'signed-in'],
  ])('from another installed copy counts by its code: %s', (code, name, status) => {
    const foreign = Object.assign(new Error('of another copy'), {
      [Symbol.for('sluice.error')]: true,
      name,
      code,
      reason: 'timeout',
    });
    const { session } = setUp({ refresh: () => throwError(() => foreign) });
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ error: { name } });
    expect(session.state.status).toBe(status);
  });

  it('is classified by the default when classifyRefreshError returns none of its three results, and that is reported', () => {
    const { session, story } = setUp({
      refresh: () => throwError(() => refusal),
      classifyRefreshError: () => 'fatal' as never,
    });
    record(session.refresh$);
    expect(story().slice(-3)).toEqual([
      'callback-failed classifyRefreshError',
      'refresh-failed rejected',
      'signed-out expired',
    ]);
  });
});

describe('Retry-After', () => {
  const minute = 60_000;
  const busy = (retryAfter: string) => throwError(() => answer(503, { 'retry-after': retryAfter }));

  it.each([
    ['60', minute],
    ['3600', 60 * minute],
    ['3024000', 35 * 24 * 60 * minute],
  ])('of %s seconds is honoured: no request asks the server earlier', (retryAfter, ms) => {
    marbles(({ flush }) => {
      const { session, refresh, events } = setUp({ refresh: () => busy(retryAfter) });
      const api = apiOf(session, accepting());
      const failures: unknown[] = [];
      for (const time of [0, 2_000, ms - 1, ms]) at(time, () => failures.push(record(api.get$).settled));
      flush();
      expect(refresh).toHaveBeenCalledTimes(2);
      expect(failures.slice(0, 3)).toMatchObject(
        Array(3).fill({ error: { name: 'RefreshFailedError', reason: 'unavailable', retryAt: ms } }),
      );
      expect(events).toContainEqual({ type: 'refresh-failed', reason: 'unavailable', retryAt: ms });
    });
  });

  it('counts until the retryAt of a RefreshFailedError that `refresh` fails with', () => {
    marbles(({ flush }) => {
      const error = new RefreshFailedError('unavailable', answer(503, { 'retry-after': '60' }), 5_000);
      const { session, refresh } = setUp({ refresh: () => throwError(() => error) });
      const api = apiOf(session, accepting());
      for (const time of [0, 2_000, 4_999]) at(time, () => record(api.get$));
      at(5_000, () => {
        expect(refresh).toHaveBeenCalledTimes(1);
        record(api.get$);
      });
      flush();
      expect(refresh).toHaveBeenCalledTimes(2);
    });
  });

  it.each([NaN, Infinity, -5])(
    'is not known if the retryAt of the error is %s, and other holders can read the record',
    (retryAt) => {
      const { store, record: stored } = shared();
      const { session } = setUp({
        store,
        refresh: () => throwError(() => new RefreshFailedError('unavailable', 0, retryAt)),
      });
      record(session.refresh$);
      expect(stored()?.failed).toEqual({ reason: 'unavailable', retryAfterMs: 0 });
    },
  );

  it('does not bind a person: refresh$ always tries', () => {
    const { session, refresh } = setUp({ refresh: () => busy('60') });
    record(session.refresh$);
    record(session.refresh$);
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it.each(['-1', 'soon', ''])('is ignored when it is invalid: %j', (retryAfter) => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ refresh: () => busy(retryAfter), refreshRetries: false });
      const api = apiOf(session, accepting());
      for (const time of [0, 500, 1_000]) at(time, () => record(api.get$));
      flush();
      expect(refresh).toHaveBeenCalledTimes(2);
    });
  });
});

describe('a clock', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => vi.useRealTimers());
  const hour = 3_600_000;

  it.each([-hour, hour, -50 * 365 * 24 * hour])(
    'that jumps by %i ms after a refresh costs one request at most',
    (jump) => {
      const { session, refresh } = setUp();
      record(session.refresh$);
      vi.setSystemTime(Date.now() + jump);
      const api = apiOf(session, accepting('access-3'));
      expect(record(api.get$).expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-3'] });
      expect(refresh).toHaveBeenCalledTimes(2);
    },
  );

  it('that is set back after a failed refresh does not make later requests fail with its error', () => {
    let isAway = true;
    const { session } = setUp({
      refresh: () => (isAway ? throwError(() => answer(500)) : of(tokensOf(2))),
      refreshRetries: false,
    });
    const api = apiOf(session, accepting('access-2'));
    expect(record(api.get$).settled).toMatchObject({ error: { reason: 'unavailable' } });
    isAway = false;
    vi.setSystemTime(Date.now() - hour);
    expect(record(api.get$).values).toEqual(['access-2']);
  });
});

it('a machine that slept while a refresh was in flight reads the response before it gives up', async () => {
  vi.useFakeTimers();
  const reply = deferred<TokenSet>();
  const { session } = setUp({ refresh: () => reply.promise, refreshTimeoutMs: 30_000 });
  const waiting = record(session.refresh$);
  // The machine sleeps for an hour: the clock moves on, no timer fires. On waking, the overdue timer fires before the
  // response is read.
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(30_000);
  reply.resolve(tokensOf(2));
  await vi.advanceTimersByTimeAsync(10);
  expect(waiting.values).toEqual([tokensOf(2)]);
  vi.useRealTimers();
});

describe('a cookie session', () => {
  const cookie = { initial: null, canRefresh: () => true } as const;

  it('is not restored by a 401 after signOut(), but by a subscription to refresh$', async () => {
    const { session, refresh } = setUp(cookie);
    await session.signOut();
    const api = apiOf(session, accepting('access-2'));
    expect(record(api.get$).settled).toMatchObject({ error: { status: 401 } });
    expect(refresh).not.toHaveBeenCalled();
    record(session.refresh$);
    expect(session.state).toMatchObject({ status: 'signed-in', owner: expect.any(String) as string });
  });

  it('is requested once after a refusal, however many polls get a 401', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ ...cookie, refresh: () => throwError(() => refusal) });
      const api = apiOf(session, accepting());
      const outcomes: unknown[] = [];
      for (const time of [0, 5_000, 3_600_000]) at(time, () => outcomes.push(record(api.get$).settled));
      flush();
      expect(refresh).toHaveBeenCalledOnce();
      expect(outcomes).toMatchObject(Array(3).fill({ error: { name: 'SessionExpiredError' } }));
      record(session.refresh$);
      expect(refresh).toHaveBeenCalledTimes(2);
    });
  });
});

it('events contain their time, the duration of a refresh, and the number of waiting requests', async () => {
  vi.useFakeTimers({ now: 1_000_000 });
  const reply = deferred<TokenSet>();
  const { session } = setUp({ refresh: () => reply.promise });
  const events = record(session.events$);
  const api = apiOf(session, accepting('access-2'));
  const requests = [record(api.get$), record(api.get$), record(api.get$)];
  await vi.advanceTimersByTimeAsync(250);
  reply.resolve(tokensOf(2));
  await vi.advanceTimersByTimeAsync(0);
  expect(events.values.filter(({ type }) => type.startsWith('refresh-'))).toEqual([
    { type: 'refresh-started', reason: 'unauthorized', generation: 1, at: 1_000_000 },
    { type: 'refresh-succeeded', generation: 2, durationMs: 250, waiting: requests.length, at: 1_000_250 },
  ]);
  vi.useRealTimers();
});

it('an exception in the app’s own task on the RxJS queueScheduler does not hold the states of a session back', async () => {
  const { queueScheduler } = await import('rxjs');
  const { session } = setUp();
  const states = record(session.state$);
  expect(() =>
    queueScheduler.schedule(() => {
      void session.signOut();
      throw new Error('the app’s own');
    }),
  ).toThrow('the app’s own');
  expect(states.values.at(-1)?.status).toBe('signed-out');
});
