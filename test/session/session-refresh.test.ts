import {
  asyncScheduler,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  map,
  NEVER,
  Observable,
  of,
  Subject,
  tap,
  throwError,
  timer,
} from 'rxjs';
import {
  createSession,
  memoryStore,
  RefreshFailedError,
  SessionExpiredError,
  type SessionOptions,
  type TokenSet,
} from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { answer, at, deferred, refusal, settle, setUp, tokensOf } from './fixture.ts';

const after = (ms: number, tokens: TokenSet = tokensOf(2)): Observable<TokenSet> => timer(ms).pipe(map(() => tokens));

describe('refresh$', () => {
  it('is cold', () => {
    const { session, refresh } = setUp();
    const { refresh$ } = session;
    expect(refresh$).toBeDefined();
    expect(refresh).not.toHaveBeenCalled();
  });

  it('shares one refresh among all who subscribe while it runs', () => {
    marbles(({ expectObservable, flush }) => {
      const { session, refresh, story } = setUp({ refresh: () => after(10) });
      const values = { t: tokensOf(2) };
      expectObservable(session.refresh$).toBe('10ms (t|)', values);
      expectObservable(session.refresh$, '5ms ^').toBe('10ms (t|)', values);
      expectObservable(session.refresh$, '9ms ^').toBe('10ms (t|)', values);
      flush();
      expect(refresh).toHaveBeenCalledTimes(1);
      expect(story()).toEqual(['restored 1', 'refresh-started requested 1', 'refresh-succeeded 2']);
    });
  });

  it('tells `refresh` the tokens, why, and gives it a signal that is not aborted', () => {
    const { session, refresh } = setUp();
    record(session.refresh$);
    expect(refresh.mock.calls).toEqual([[tokensOf(1), { reason: 'requested', signal: expect.any(AbortSignal) }]]);
    expect(refresh.mock.calls[0]?.[1].signal.aborted).toBe(false);
  });

  it('puts the tokens into force and into the store before it gives them', () => {
    const { session, store } = setUp();
    const seen: unknown[] = [];
    session.refresh$.subscribe(() => seen.push(session.state, store.get()));
    expect(seen).toEqual([{ status: 'signed-in', tokens: tokensOf(2), generation: 2, epoch: 0 }, tokensOf(2)]);
  });

  it('is refreshing meanwhile, with the old tokens, and says why', () => {
    marbles(({ flush }) => {
      const { session, states } = setUp({ refresh: () => after(10) });
      record(session.refresh$);
      expect(session.state).toEqual({
        status: 'refreshing',
        tokens: tokensOf(1),
        generation: 1,
        epoch: 0,
        reason: 'requested',
      });
      flush();
      expect(states.map(({ status, reason }) => [status, reason])).toEqual([
        ['signed-in', undefined],
        ['refreshing', 'requested'],
        ['signed-in', undefined],
      ]);
    });
  });

  it('runs to its end and is stored when all have left', () => {
    marbles(({ flush }) => {
      const { session, refresh, store } = setUp({ refresh: () => after(10) });
      const one = record(session.refresh$);
      const two = record(session.refresh$);
      at(3, () => {
        one.unsubscribe();
        two.unsubscribe();
      });
      flush();
      expect(refresh).toHaveBeenCalledTimes(1);
      expect(refresh.mock.calls[0]?.[1].signal.aborted).toBe(false);
      expect([session.state.tokens, store.get()]).toEqual([tokensOf(2), tokensOf(2)]);
      expect(one.events).toEqual([]);
    });
  });

  it('makes a new refresh after the former has settled, well or not', () => {
    const { session, refresh } = setUp();
    record(session.refresh$);
    refresh.mockReturnValueOnce(throwError(() => new Error('offline')));
    record(session.refresh$);
    const third = record(session.refresh$);
    expect(refresh.mock.calls.map(([current]) => current?.accessToken)).toEqual(['access-1', 'access-2', 'access-2']);
    expect(third.settled).toEqual({ kind: 'complete', values: [tokensOf(3)] });
    expect(session.state.generation).toBe(3);
  });

  it.each(['next', 'complete'] as const)('makes a new one for a subscriber that asks again within %s', (within) => {
    marbles(({ flush }) => {
      let n = 1;
      const { session, refresh } = setUp({ refresh: () => defer(() => after(10, tokensOf(++n))) });
      const heard: unknown[] = [];
      session.refresh$.subscribe({
        [within]: () => {
          record(session.refresh$.pipe(tap((tokens) => heard.push(tokens, asyncScheduler.now()))));
        },
      });
      flush();
      expect(heard).toEqual([tokensOf(3), 20]);
      expect(refresh).toHaveBeenCalledTimes(2);
    });
  });

  it('makes a new one for a subscriber that asks again within error', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ refresh: () => after(10) });
      refresh.mockReturnValueOnce(
        concat(
          timer(10).pipe(ignoreElements()),
          throwError(() => new Error('offline')),
        ),
      );
      const heard: unknown[] = [];
      session.refresh$.subscribe({
        error: (error: unknown) => {
          heard.push(error, asyncScheduler.now());
          record(session.refresh$.pipe(tap((tokens) => heard.push(tokens, asyncScheduler.now()))));
        },
      });
      flush();
      expect(heard).toEqual([expect.any(RefreshFailedError), 10, tokensOf(2), 20]);
    });
  });

  it('joins the one in flight from within `refresh-started`', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ refresh: () => after(10) });
      const inner: unknown[] = [];
      session.events$.subscribe(({ type }) => {
        if (type === 'refresh-started') record(session.refresh$.pipe(tap((tokens) => inner.push(tokens))));
      });
      record(session.refresh$);
      flush();
      expect(inner).toEqual([tokensOf(2)]);
      expect(refresh).toHaveBeenCalledTimes(1);
    });
  });

  it('gives new tokens to who asks from within `refresh-succeeded`, without asking the server again', () => {
    const { session, refresh } = setUp();
    const inner: unknown[] = [];
    session.events$.subscribe(({ type }) => {
      if (type === 'refresh-succeeded') record(session.refresh$.pipe(tap((tokens) => inner.push(tokens))));
    });
    record(session.refresh$);
    expect(inner).toEqual([tokensOf(2)]);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('gives the failure to who asks from within `refresh-failed`, without asking the server again', () => {
    const { session, refresh } = setUp({ refresh: () => throwError(() => new Error('offline')) });
    const inner: ReturnType<typeof record>[] = [];
    session.events$.subscribe(({ type }) => {
      if (type === 'refresh-failed') inner.push(record(session.refresh$));
    });
    record(session.refresh$);
    expect(inner.map((one) => one.expectOneOutcome())).toMatchObject([{ error: { reason: 'unavailable' } }]);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('is refused at once, as misconfigured, when there is nothing to refresh with', () => {
    for (const initial of [null, { accessToken: 'access-1' }]) {
      const { session, refresh, story } = setUp({ initial });
      const outcome = record(session.refresh$).expectOneOutcome();
      expect(outcome).toMatchObject({
        kind: 'error',
        error: { name: 'RefreshFailedError', reason: 'misconfigured', cause: { name: 'InvalidInputError' } },
      });
      expect(refresh).not.toHaveBeenCalled();
      expect(story()).toEqual(initial ? ['restored 1'] : []);
    }
  });

  it('changes nothing for others when a subscriber throws', async () => {
    vi.useFakeTimers();
    try {
      const { session } = setUp({ refresh: () => timer(10).pipe(map(() => tokensOf(2))) });
      session.refresh$.subscribe(() => {
        throw new Error('a subscriber of mine');
      });
      session.events$.subscribe(() => {
        throw new Error('a listener of mine');
      });
      session.state$.subscribe(() => {
        throw new Error('a listener of mine');
      });
      const other = record(session.refresh$);
      for (let thrown = 0; vi.getTimerCount() > 0; thrown += 1) {
        expect(thrown).toBeLessThan(20);
        try {
          vi.runAllTimers();
        } catch (error) {
          expect(String(error)).toContain('of mine');
        }
      }
      expect(other.expectOneOutcome()).toEqual({ kind: 'complete', values: [tokensOf(2)] });
      expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(2) });
      await Promise.resolve();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('refresh', () => {
  it.each<[string, () => ReturnType<SessionOptions['refresh']>]>([
    ['an observable', () => of(tokensOf(2))],
    ['an observable of several values, of which the first counts', () => of(tokensOf(2), tokensOf(3))],
    ['an array', () => [tokensOf(2)]],
    ['a generator', () => [tokensOf(2)].values()],
  ])('may give %s', (_title, refresh) => {
    const { session } = setUp({ refresh });
    expect(record(session.refresh$).expectOneOutcome()).toEqual({ kind: 'complete', values: [tokensOf(2)] });
  });

  it.each<[string, () => ReturnType<SessionOptions['refresh']>]>([
    ['a promise', async () => tokensOf(2)],
    ['a thenable', () => ({ then: (...h) => Promise.resolve(tokensOf(2)).then(...h) }) as PromiseLike<TokenSet>],
    [
      'an async generator',
      async function* () {
        yield tokensOf(2);
      },
    ],
  ])('may give %s', async (_title, refresh) => {
    const { session } = setUp({ refresh });
    const recording = record(session.refresh$);
    expect(await recording.outcome).toEqual({ kind: 'complete', values: [tokensOf(2)] });
    expect(recording.expectOneOutcome().kind).toBe('complete');
  });

  it('is unsubscribed after its first value, and its signal is not aborted', () => {
    marbles(({ cold, expectSubscriptions, flush }) => {
      const tokens$ = cold('--a--b', { a: tokensOf(2), b: tokensOf(3) });
      const { session, refresh, story } = setUp({ refresh: () => tokens$ });
      record(session.refresh$);
      flush();
      expectSubscriptions(tokens$.subscriptions).toBe('^-!');
      expect(session.state.tokens).toEqual(tokensOf(2));
      expect(refresh.mock.calls[0]?.[1].signal.aborted).toBe(false);
      expect(story()).toEqual(['restored 1', 'refresh-started requested 1', 'refresh-succeeded 2']);
    });
  });

  it('keeps the old refresh token where it gives none', () => {
    const { session, store } = setUp({ refresh: () => of({ accessToken: 'access-2' }) });
    record(session.refresh$);
    expect(session.state.tokens).toEqual({ accessToken: 'access-2', refreshToken: 'refresh-1' });
    expect(store.get()).toEqual({ accessToken: 'access-2', refreshToken: 'refresh-1' });
  });

  const garbage = [undefined, null, 'access-2', {}, { accessToken: '' }, { access_token: 'access-2' }, 7];
  it.each([
    ['completes empty', () => EMPTY],
    ['gives an empty array', () => []],
    ...garbage.map((value): [string, () => unknown] => [`gives ${JSON.stringify(value)}`, () => of(value)]),
  ])('fails as invalid-response when it %s', (_title, refresh) => {
    const { session, story, store } = setUp({ refresh: refresh as () => Observable<TokenSet> });
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({
      kind: 'error',
      error: { name: 'RefreshFailedError', reason: 'invalid-response' },
    });
    expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(1), generation: 1, epoch: 0 });
    expect(store.get()).toEqual(tokensOf(1));
    expect(story().at(-1)).toBe('refresh-failed invalid-response');
  });

  it.each(garbage)('fails as invalid-response when it promises %j', async (value) => {
    const { session } = setUp({ refresh: () => Promise.resolve(value as unknown as TokenSet) });
    expect(await record(session.refresh$).outcome).toMatchObject({ error: { reason: 'invalid-response' } });
  });

  it.each([undefined, null, 7, {}])('fails as unavailable when it returns %j and no input', (value) => {
    const { session } = setUp({ refresh: () => value as Observable<TokenSet> });
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({
      kind: 'error',
      error: { name: 'RefreshFailedError' },
    });
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(1) });
  });

  it.each<[string, (error: Error) => ReturnType<SessionOptions['refresh']>]>([
    [
      'throws synchronously',
      (error) => {
        throw error;
      },
    ],
    ['gives an observable that fails', (error) => throwError(() => error)],
  ])('keeps the session when it %s', (_title, fail) => {
    const cause = new Error('offline');
    const { session, refresh, story } = setUp({ refresh: () => fail(cause) });
    const { error } = record(session.refresh$).expectOneOutcome() as { error: RefreshFailedError };
    expect(error).toBeInstanceOf(RefreshFailedError);
    expect([error.reason, error.cause]).toEqual(['unavailable', cause]);
    expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(1), generation: 1, epoch: 0 });
    expect(story()).toEqual(['restored 1', 'refresh-started requested 1', 'refresh-failed unavailable']);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('keeps the session when its promise is rejected', async () => {
    const cause = new Error('offline');
    const { session, refresh } = setUp({ refresh: () => Promise.reject(cause) });
    expect(await record(session.refresh$).outcome).toMatchObject({ error: { reason: 'unavailable', cause } });
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(1) });
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('fails quietly when nobody is left to hear of it', async () => {
    const { session, story } = setUp({ refresh: () => Promise.reject(new Error('offline')) });
    record(session.refresh$).unsubscribe();
    await settle();
    expect(story().at(-1)).toBe('refresh-failed unavailable');
  });

  it('may sign out itself: what it gives then is nobody’s', async () => {
    const revoke = vi.fn(() => []);
    const all = setUp({
      refresh: async () => {
        void all.session.signOut();
        return tokensOf(2);
      },
      revoke,
    });
    expect(await record(all.session.refresh$).outcome).toMatchObject({ error: { name: 'SessionChangedError' } });
    await settle();
    expect([all.session.state.tokens, all.store.get()]).toEqual([null, null]);
    expect(revoke.mock.calls).toEqual([[tokensOf(1)], [tokensOf(2)]]);
  });

  it('keeps the session when the client is set up wrong', () => {
    const cause = answer(401, {}, { error: 'invalid_client' });
    const { session } = setUp({ refresh: () => throwError(() => cause) });
    expect(record(session.refresh$).settled).toMatchObject({ error: { reason: 'misconfigured', cause } });
    expect(session.state.status).toBe('signed-in');
  });
});

describe('a refresh that takes too long', () => {
  it('fails as timeout, aborts the signal and unsubscribes', () => {
    marbles(({ cold, expectSubscriptions, flush }) => {
      const silent = cold<TokenSet>('-');
      const { session, refresh, story } = setUp({ refresh: () => silent, refreshTimeoutMs: 20 });
      const one = record(session.refresh$);
      let aborted: boolean | undefined;
      at(19, () => (aborted = refresh.mock.calls[0]?.[1].signal.aborted));
      flush();
      expectSubscriptions(silent.subscriptions).toBe('^ 19ms !');
      expect(one.expectOneOutcome()).toMatchObject({ error: { name: 'RefreshFailedError', reason: 'timeout' } });
      expect([aborted, refresh.mock.calls[0]?.[1].signal.aborted]).toEqual([false, true]);
      expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(1), generation: 1, epoch: 0 });
      expect(story().at(-1)).toBe('refresh-failed timeout');
      expect(asyncScheduler.now()).toBe(20);
    });
  });

  it('ends after 30 seconds by default', () => {
    marbles(({ expectObservable }) => {
      const { session } = setUp({ refresh: () => NEVER });
      expectObservable(session.refresh$).toBe('30s #', undefined, expect.objectContaining({ reason: 'timeout' }));
    });
  });

  it('never ends by itself with Infinity, and sets no timer', () => {
    marbles(({ flush }) => {
      const tokens$ = new Subject<TokenSet>();
      const { session } = setUp({ refresh: () => tokens$, refreshTimeoutMs: Infinity });
      const waiting = record(session.refresh$);
      flush();
      expect([waiting.settled, asyncScheduler.now()]).toEqual([undefined, 0]);
      tokens$.next(tokensOf(2));
      expect(waiting.expectOneOutcome()).toEqual({ kind: 'complete', values: [tokensOf(2)] });
    });
  });

  it('leaves no timer behind when it is in time', () => {
    marbles(({ flush }) => {
      const { session } = setUp({ refresh: () => after(10) });
      record(session.refresh$);
      flush();
      expect(asyncScheduler.now()).toBe(10);
    });
  });

  it('can be tried again afterwards', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ refreshTimeoutMs: 20 });
      refresh.mockReturnValueOnce(NEVER);
      record(session.refresh$);
      flush();
      expect(record(session.refresh$).settled).toMatchObject({ kind: 'complete' });
    });
  });

  const late = async (
    meanwhile: (session: ReturnType<typeof setUp>['session']) => void,
    tokens: unknown = tokensOf(2),
  ) => {
    const answered = deferred<TokenSet>();
    const revoke = vi.fn(() => []);
    const all = setUp({ refresh: () => answered.promise, refreshTimeoutMs: 5, revoke });
    expect(await record(all.session.refresh$).outcome).toMatchObject({ error: { reason: 'timeout' } });
    meanwhile(all.session);
    revoke.mockClear();
    answered.resolve(tokens as TokenSet);
    await settle();
    return { ...all, revoke };
  };

  it('has its late tokens put into force and stored, for the server may have rotated', async () => {
    const { session, store, story, revoke } = await late(() => {});
    expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(2), generation: 2, epoch: 0 });
    expect(store.get()).toEqual(tokensOf(2));
    expect(story().slice(-2)).toEqual(['refresh-failed timeout', 'refresh-succeeded 2']);
    expect(revoke).not.toHaveBeenCalled();
  });

  it('keeps the old refresh token for late tokens without one', async () => {
    const { session } = await late(() => {}, { accessToken: 'access-2' });
    expect(session.state.tokens).toEqual({ accessToken: 'access-2', refreshToken: 'refresh-1' });
  });

  it.each<[string, (session: ReturnType<typeof setUp>['session']) => void, TokenSet | null]>([
    ['sign-out', (session) => void session.signOut(), null],
    ['another sign-in', (session) => void session.signIn(tokensOf('other')), tokensOf('other')],
  ])('has its late tokens revoked and not stored after %s', async (_title, meanwhile, held) => {
    const { session, store, revoke } = await late(meanwhile);
    expect(revoke.mock.calls).toEqual([[tokensOf(2)]]);
    expect([session.state.tokens, store.get()]).toEqual([held, held]);
  });

  it('has its late tokens revoked after dispose', async () => {
    const { session, store, revoke } = await late((it) => {
      it.dispose();
    });
    expect(revoke.mock.calls).toEqual([[tokensOf(2)]]);
    expect([session.state.tokens, store.get()]).toEqual([null, tokensOf(1)]);
  });

  it.each([null, {}, 'text'])('has late garbage ignored: %j', async (garbage) => {
    const { session, revoke } = await late(() => {}, garbage);
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(1), generation: 1 });
    expect(revoke).not.toHaveBeenCalled();
  });

  it('has a late failure ignored', async () => {
    const answered = deferred<TokenSet>();
    const { session, events } = setUp({ refresh: () => answered.promise, refreshTimeoutMs: 5 });
    await record(session.refresh$).outcome;
    const before = events.length;
    answered.reject(refusal);
    await settle();
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(1) });
    expect(events.length).toBe(before);
  });

  it('does not revoke late tokens that newer ones of the same owner have overtaken', async () => {
    const answered = deferred<TokenSet>();
    const revoke = vi.fn(() => []);
    const { session, refresh } = setUp({ refresh: async () => tokensOf(3), refreshTimeoutMs: 5, revoke });
    refresh.mockReturnValueOnce(answered.promise);
    await record(session.refresh$).outcome;
    await record(session.refresh$).outcome;
    answered.resolve(tokensOf(2));
    await settle();
    expect(session.state).toMatchObject({ tokens: tokensOf(3), generation: 2 });
    expect(revoke).not.toHaveBeenCalled();
  });

  it('has its late tokens used by a second refresh that is refused for their sake', async () => {
    const [first, second] = [deferred<TokenSet>(), deferred<TokenSet>()];
    const { session, refresh, store } = setUp({ refreshTimeoutMs: 5 });
    refresh.mockReturnValueOnce(first.promise);
    await record(session.refresh$).outcome;
    refresh.mockReturnValueOnce(second.promise);
    const waiting = record(session.refresh$);
    first.resolve(tokensOf(2));
    await Promise.resolve();
    await Promise.resolve();
    expect(session.state).toMatchObject({ status: 'refreshing', tokens: tokensOf(2), generation: 2 });
    second.reject(refusal);
    expect(await waiting.outcome).toEqual({ kind: 'complete', values: [tokensOf(2)] });
    expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(2), generation: 2, epoch: 0 });
    expect(store.get()).toEqual(tokensOf(2));
  });
});

describe('a refresh that is told to try later', () => {
  const retrying = (errors: Error[], options: Partial<SessionOptions> = {}) => {
    const starts: number[] = [];
    const all = setUp({
      refresh: () => {
        starts.push(asyncScheduler.now());
        const error = errors.shift();
        return error === undefined ? of(tokensOf(2)) : throwError(() => error);
      },
      refreshRetries: { jitter: 0 },
      ...options,
    });
    return { ...all, starts };
  };

  it('is tried twice more, after half a second and one, as one refresh', () => {
    marbles(({ expectObservable, flush }) => {
      const { session, starts, story } = retrying([answer(503), answer(429)]);
      expectObservable(session.refresh$).toBe('1500ms (t|)', { t: tokensOf(2) });
      flush();
      expect(starts).toEqual([0, 500, 1_500]);
      expect(story()).toEqual(['restored 1', 'refresh-started requested 1', 'refresh-succeeded 2']);
    });
  });

  it('gives up afterwards', () => {
    marbles(({ expectObservable, flush }) => {
      const { session, starts } = retrying([1, 2, 3, 4].map(() => answer(503)));
      expectObservable(session.refresh$).toBe(
        '1500ms #',
        undefined,
        expect.objectContaining({ reason: 'unavailable' }),
      );
      flush();
      expect(starts).toEqual([0, 500, 1_500]);
    });
  });

  it.each<[string, NonNullable<SessionOptions['refreshRetries']>, number[]]>([
    ['not at all with `false`', false, [0]],
    ['not at all with a count of 0', { count: 0 }, [0]],
    ['as often as `count` says', { count: 1, jitter: 0 }, [0, 500]],
    ['with the default where nothing else is said', { initialDelayMs: 10, jitter: 0 }, [0, 10, 30]],
  ])('is tried again %s', (_title, refreshRetries, expected) => {
    marbles(({ flush }) => {
      const { session, starts } = retrying(
        [1, 2, 3, 4].map(() => answer(503)),
        { refreshRetries },
      );
      const failed = record(session.refresh$);
      flush();
      expect(starts).toEqual(expected);
      expect(failed.expectOneOutcome()).toMatchObject({ error: { reason: 'unavailable' } });
    });
  });

  it('waits as long as Retry-After says', () => {
    marbles(({ flush }) => {
      const { session, starts } = retrying([
        answer(429, { 'retry-after': '2' }),
        answer(503, { 'retry-after': 'Thu, 01 Jan 1970 00:00:07 GMT' }),
      ]);
      record(session.refresh$);
      flush();
      expect(starts).toEqual([0, 2_000, 7_000]);
    });
  });

  it.each([new TypeError('Failed to fetch'), answer(408), answer(404)])('is not repeated after %s', (error) => {
    marbles(({ flush }) => {
      const { session, starts } = retrying([error]);
      record(session.refresh$);
      flush();
      expect(starts).toEqual([0]);
    });
  });

  it('ends at the timeout, all tries together', () => {
    marbles(({ expectObservable, flush }) => {
      const { session, starts, refresh } = retrying([answer(503), answer(503)], { refreshTimeoutMs: 700 });
      expectObservable(session.refresh$).toBe('700ms #', undefined, expect.objectContaining({ reason: 'timeout' }));
      flush();
      expect(starts).toEqual([0, 500]);
      expect(refresh.mock.calls[1]?.[1].signal).toBe(refresh.mock.calls[0]?.[1].signal);
      expect(asyncScheduler.now()).toBe(700);
    });
  });

  it('ends with a refusal of a later try', () => {
    marbles(({ flush }) => {
      const { session } = retrying([answer(503), refusal]);
      const ended = record(session.refresh$);
      flush();
      expect(ended.settled).toMatchObject({ error: expect.any(SessionExpiredError) });
    });
  });
});

describe('a refresh that is refused for good', () => {
  it('signs out before anybody hears of it, empties the store, and says so once', () => {
    const { session, store, states, story } = setUp({ refresh: () => throwError(() => refusal) });
    const seen: unknown[] = [];
    session.refresh$.subscribe({
      error: (error: unknown) => {
        seen.push((error as Error).name, session.state, store.get());
      },
    });
    const signedOut = { status: 'signed-out', tokens: null, generation: 1, epoch: 1, reason: 'expired' };
    expect(seen).toEqual(['SessionExpiredError', signedOut, null]);
    expect(states.at(-1)).toEqual(signedOut);
    expect(story()).toEqual([
      'restored 1',
      'refresh-started requested 1',
      'refresh-failed rejected',
      'signed-out expired',
    ]);
  });

  it('has the refusal as its cause', () => {
    const { session } = setUp({ refresh: () => throwError(() => refusal) });
    expect(record(session.refresh$).settled).toMatchObject({ error: { cause: refusal } });
  });

  it('may be refused in its own words', () => {
    const mine = new SessionExpiredError('The person closed the dialog.');
    const { session } = setUp({ refresh: () => throwError(() => mine) });
    expect(record(session.refresh$).settled).toEqual({ kind: 'error', error: mine, values: [] });
    expect(session.state.status).toBe('signed-out');
  });

  it('does not end a session that began from within `refresh-failed`', async () => {
    const { session, store, story } = setUp({ refresh: () => throwError(() => refusal) });
    session.events$.subscribe(({ type }) => {
      if (type === 'refresh-failed') void session.signIn(tokensOf('other'));
    });
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ error: { name: 'SessionExpiredError' } });
    await settle();
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf('other') });
    expect(store.get()).toEqual(tokensOf('other'));
    expect(story().slice(-2)).toEqual(['refresh-failed rejected', 'signed-in 2']);
  });

  it.each(['signOut', 'signIn'] as const)('is not undone where `refresh-failed` leads to %s', async (call) => {
    const { session, store } = setUp({ refresh: () => throwError(() => new Error('offline')) });
    session.events$.subscribe(({ type }) => {
      if (type === 'refresh-failed') void (call === 'signIn' ? session.signIn(tokensOf('other')) : session.signOut());
    });
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ kind: 'error' });
    await settle();
    const expected = call === 'signIn' ? tokensOf('other') : null;
    expect([session.state.tokens, store.get()]).toEqual([expected, expected]);
    expect(session.state.epoch).toBe(1);
  });
});

describe('classifyRefreshError', () => {
  it('decides with the error that `refresh` failed with', () => {
    const cause = new Error('mine');
    const classifyRefreshError = vi.fn(() => 'rejected' as const);
    const { session } = setUp({ refresh: () => throwError(() => cause), classifyRefreshError });
    record(session.refresh$);
    expect(classifyRefreshError.mock.calls).toEqual([[cause]]);
    expect(session.state.status).toBe('signed-out');
  });

  it('can keep a session that was refused', () => {
    const { session } = setUp({
      refresh: () => throwError(() => refusal),
      classifyRefreshError: () => 'misconfigured',
    });
    expect(record(session.refresh$).settled).toMatchObject({ error: { reason: 'misconfigured' } });
    expect(session.state.status).toBe('signed-in');
  });

  it('that throws is reported, and the default decides', () => {
    const { session, story } = setUp({
      refresh: () => throwError(() => refusal),
      classifyRefreshError: () => {
        throw new Error('oops');
      },
    });
    expect(record(session.refresh$).settled).toMatchObject({ error: { name: 'SessionExpiredError' } });
    expect(story()).toContain('callback-failed classifyRefreshError');
  });

  it('is not asked about a timeout or garbage', () => {
    marbles(({ flush }) => {
      const classifyRefreshError = vi.fn(() => 'rejected' as const);
      const { session, refresh } = setUp({ refresh: () => EMPTY, refreshTimeoutMs: 5, classifyRefreshError });
      record(session.refresh$);
      refresh.mockReturnValueOnce(NEVER);
      record(session.refresh$);
      flush();
      expect(classifyRefreshError).not.toHaveBeenCalled();
      expect(session.state.status).toBe('signed-in');
    });
  });
});

describe('a refresh that gives the rejected token again', () => {
  it('is fine where nobody rejected it', () => {
    const { session } = setUp({ refresh: () => of(tokensOf(1)) });
    expect(record(session.refresh$).settled).toEqual({ kind: 'complete', values: [tokensOf(1)] });
  });
});

describe('a session', () => {
  it('may be one of many, which share nothing', () => {
    const make = (n: number) => createSession({ refresh: () => of(tokensOf(n + 1)), store: memoryStore(tokensOf(n)) });
    const [one, two] = [make(1), make(5)];
    record(one.refresh$);
    expect([one.state.tokens, two.state.tokens]).toEqual([tokensOf(2), tokensOf(5)]);
  });
});
