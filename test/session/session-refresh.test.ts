import { asyncScheduler, concat, defer, ignoreElements, map, of, tap, throwError, timer } from 'rxjs';
import { createSession, memoryStore, RefreshFailedError } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { at, setUp, tokensOf, after } from './fixture.ts';

describe('refresh$', () => {
  it('calls nothing before it is subscribed to', () => {
    const { session, refresh } = setUp();
    const { refresh$ } = session;
    expect(refresh$).toBeDefined();
    expect(refresh).not.toHaveBeenCalled();
  });

  it('shares one refresh among all subscribers while it runs', () => {
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

  it('calls `refresh` with the tokens, the reason, and a signal that is not aborted', () => {
    const { session, refresh } = setUp();
    record(session.refresh$);
    expect(refresh.mock.calls).toEqual([[tokensOf(1), { reason: 'requested', signal: expect.any(AbortSignal) }]]);
    expect(refresh.mock.calls[0]?.[1].signal.aborted).toBe(false);
  });

  it('makes the tokens current and stores them before it emits them', () => {
    const { session, store } = setUp();
    const seen: unknown[] = [];
    session.refresh$.subscribe(() => seen.push(session.state, store.get()));
    expect(seen).toMatchObject([
      { status: 'signed-in', tokens: tokensOf(2), generation: 2, owner: 'unnamed' },
      tokensOf(2),
    ]);
  });

  it('has the status `refreshing` meanwhile, with the old tokens and the reason', () => {
    marbles(({ flush }) => {
      const { session, states } = setUp({ refresh: () => after(10) });
      record(session.refresh$);
      expect(session.state).toEqual({
        status: 'refreshing',
        tokens: tokensOf(1),
        generation: 1,
        owner: 'unnamed',
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

  it('runs to its end and is stored when all subscribers have left', () => {
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
      expect([session.state.tokens, store.get()]).toMatchObject([tokensOf(2), tokensOf(2)]);
      expect(one.events).toEqual([]);
    });
  });

  it('starts a new refresh after the previous one has succeeded or failed', () => {
    const { session, refresh } = setUp();
    record(session.refresh$);
    refresh.mockReturnValueOnce(throwError(() => new Error('offline')));
    record(session.refresh$);
    const third = record(session.refresh$);
    expect(refresh.mock.calls.map(([current]) => current?.accessToken)).toEqual(['access-1', 'access-2', 'access-2']);
    expect(third.settled).toEqual({ kind: 'complete', values: [tokensOf(3)] });
    expect(session.state.generation).toBe(3);
  });

  it.each(['next', 'complete'] as const)(
    'starts a new refresh for a subscriber that subscribes again within its `%s` callback',
    (within) => {
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
    },
  );

  it('starts a new refresh for a subscriber that subscribes again within its `error` callback', () => {
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

  it('joins the refresh in flight when a listener of `refresh-started` subscribes', () => {
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

  it('emits the new tokens when a listener of `refresh-succeeded` subscribes, without calling the server again', () => {
    const { session, refresh } = setUp();
    const inner: unknown[] = [];
    session.events$.subscribe(({ type }) => {
      if (type === 'refresh-succeeded') record(session.refresh$.pipe(tap((tokens) => inner.push(tokens))));
    });
    record(session.refresh$);
    expect(inner).toEqual([tokensOf(2)]);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('fails with the same error when a listener of `refresh-failed` subscribes, without calling the server again', () => {
    const { session, refresh } = setUp({ refresh: () => throwError(() => new Error('offline')) });
    const inner: ReturnType<typeof record>[] = [];
    session.events$.subscribe(({ type }) => {
      if (type === 'refresh-failed') inner.push(record(session.refresh$));
    });
    record(session.refresh$);
    expect(inner.map((one) => one.expectOneOutcome())).toMatchObject([{ error: { reason: 'unavailable' } }]);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('fails at once, as misconfigured, when there is nothing to refresh with', () => {
    for (const initial of [null, { accessToken: 'access-1' }]) {
      const { session, refresh, story } = setUp({ initial });
      const outcome = record(session.refresh$).expectOneOutcome();
      expect(outcome).toMatchObject({
        kind: 'error',
        error: { name: 'RefreshFailedError', reason: 'misconfigured', cause: { name: 'InvalidInputError' } },
      });
      expect(outcome).toHaveProperty('error.cause.message', expect.stringContaining('sign in first'));
      expect(refresh).not.toHaveBeenCalled();
      expect(story()).toEqual(initial ? ['restored 1'] : []);
    }
  });

  it('serves other subscribers when one throws', async () => {
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

describe('a session', () => {
  it('shares nothing with other sessions', () => {
    const make = (n: number) => createSession({ refresh: () => of(tokensOf(n + 1)), store: memoryStore(tokensOf(n)) });
    const [one, two] = [make(1), make(5)];
    record(one.refresh$);
    expect([one.state.tokens, two.state.tokens]).toEqual([tokensOf(2), tokensOf(5)]);
  });
});
