import { asyncScheduler, map, NEVER, of, Subject, throwError, timer, type Observable } from 'rxjs';
import { memoryStore, type SessionOptions, type TokenSet, type TokenStore } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import {
  accepting,
  apiOf,
  at,
  deferred,
  refusal,
  settle,
  setUp,
  slowStore,
  tokensOf,
  unauthorized,
} from './fixture.ts';

const after = (ms: number, tokens: TokenSet = tokensOf(2)): Observable<TokenSet> => timer(ms).pipe(map(() => tokens));

/** A store that another holder writes to, and says so. */
function sharedStore(initial: TokenSet | null = tokensOf(1)) {
  const changes$ = new Subject<TokenSet | null>();
  const store = { ...memoryStore(initial), changes$ };
  return {
    store,
    /** Written by the other holder, which `changes$` tells unless `silently`. */
    write(tokens: TokenSet | null, silently = false): void {
      void store.set(tokens);
      if (!silently) changes$.next(tokens);
    },
    changes$,
  };
}

describe('a write that fails', () => {
  it.each<[string, () => PromiseLike<void>, string]>([
    [
      'throws',
      () => {
        throw new RangeError('access-1');
      },
      'RangeError',
    ],
    ['is rejected', () => Promise.reject(new RangeError('access-1')), 'RangeError'],
  ])('%s: it is reported and the session goes on in memory', async (_title, set, message) => {
    const { session, events, refresh } = setUp({ store: { get: () => tokensOf(1), set } });
    await session.signIn(tokensOf(5));
    expect(events).toContainEqual({ type: 'store-failed', operation: 'set', message });
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(5) });
    const api = apiOf(session, accepting('access-2'));
    expect(await record(api.get$).outcome).toMatchObject({ kind: 'complete' });
    expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(5)]);
  });

  it('lets the refresh succeed that it belongs to', async () => {
    const set = () => Promise.reject(new Error('quota'));
    const { session, story } = setUp({ store: { get: () => tokensOf(1), set } });
    expect(await record(session.refresh$).outcome).toEqual({ kind: 'complete', values: [tokensOf(2)] });
    expect(story().slice(-2)).toEqual(['store-failed set Error', 'refresh-succeeded 2']);
    expect(session.state.tokens).toEqual(tokensOf(2));
  });

  it('that never ends is given up: the refresh succeeds then', () => {
    marbles(({ expectObservable, flush }) => {
      const never: PromiseLike<void> = { then: () => new Promise<never>(() => {}) };
      const { session, story } = setUp({ store: { get: () => tokensOf(1), set: () => never }, refreshTimeoutMs: 100 });
      expectObservable(session.refresh$).toBe('100ms (t|)', { t: tokensOf(2) });
      flush();
      expect(story().slice(-2)).toEqual(['store-failed set TimeoutError', 'refresh-succeeded 2']);
    });
  });

  it('signs out all the same', async () => {
    const { session } = setUp({ store: { get: () => tokensOf(1), set: () => Promise.reject(new Error('x')) } });
    await session.signOut();
    expect(session.state.status).toBe('signed-out');
  });
});

describe('writes', () => {
  it('are made in order, one at a time, and waiters go after theirs', () => {
    marbles(({ expectObservable, flush }) => {
      const store = slowStore(10, tokensOf(1));
      const { session } = setUp({ store });
      flush();
      const start = asyncScheduler.now();
      expect(start).toBe(10);
      void session.signIn(tokensOf('a'));
      void session.signOut();
      void session.signIn(tokensOf('b'));
      expectObservable(timer(25).pipe(map(() => [...store.writes]))).toBe('35ms (w|)', { w: ['access-a', null] });
      flush();
      expect(store.writes).toEqual(['access-a', null, 'access-b']);
      expect(session.state.tokens).toEqual(tokensOf('b'));
    });
  });

  it('are made also where the session is disposed of meanwhile', () => {
    marbles(({ flush }) => {
      const store = slowStore(10);
      const { session } = setUp({ store });
      flush();
      void session.signIn(tokensOf('a'));
      void session.signIn(tokensOf('b'));
      session.dispose();
      flush();
      expect(store.held).toEqual(tokensOf('b'));
    });
  });

  it('come before the waiters and before refresh-succeeded', () => {
    marbles(({ flush }) => {
      const store = slowStore(10, tokensOf(1));
      const { session } = setUp({ store });
      flush();
      const seen: unknown[] = [];
      session.events$.subscribe(({ type }) => {
        if (type === 'refresh-succeeded') seen.push(store.held);
      });
      const api = apiOf(session, (token) => {
        seen.push(token, store.held);
        return accepting('access-2')(token);
      });
      record(api.get$);
      flush();
      expect(seen).toEqual(['access-1', tokensOf(1), tokensOf(2), 'access-2', tokensOf(2)]);
    });
  });

  it('of a refusal empties the store', () => {
    marbles(({ flush }) => {
      const store = slowStore(10, tokensOf(1));
      const { session } = setUp({ store, refresh: () => throwError(() => refusal) });
      flush();
      record(session.refresh$);
      flush();
      expect(store.writes).toEqual([null]);
    });
  });
});

describe('a store that shows a write before it says that it is done', () => {
  const eager = (ms: number, initial: TokenSet | null = null): TokenStore => {
    let held = initial;
    const done = (): PromiseLike<void> => ({
      then: (next) => {
        timer(ms).subscribe(() => void next?.());
        return new Promise<never>(() => {});
      },
    });
    return {
      get: () => held,
      set: (tokens) => {
        held = tokens;
        return done();
      },
    };
  };

  it('is not taken for one that another holder wrote to', () => {
    marbles(({ flush }) => {
      const { session, refresh, story } = setUp({ store: eager(10) });
      void session.signIn(tokensOf(1));
      const api = apiOf(session, accepting('access-2'));
      const one = record(api.get$);
      flush();
      expect(one.expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-2'] });
      expect(refresh).toHaveBeenCalledTimes(1);
      expect(story()).not.toContain('tokens-adopted 2');
    });
  });

  it('does not sign out who signs in right after a sign-out', () => {
    marbles(({ flush }) => {
      const { session, story } = setUp({ store: eager(10, tokensOf(1)) });
      void session.signOut();
      void session.signIn(tokensOf('b'));
      const api = apiOf(session, accepting('access-2'));
      const one = record(api.get$);
      flush();
      expect(one.expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-2'] });
      expect(story()).not.toContain('signed-out elsewhere');
    });
  });
});

describe('a store that another holder writes to', () => {
  it('is read again before a refresh: newer tokens are adopted and `refresh` is not called', () => {
    const { store, write } = sharedStore();
    const { session, refresh, story } = setUp({ store });
    write(tokensOf(7), true);
    const api = apiOf(session, accepting('access-7'));
    expect(record(api.get$).expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-7'] });
    expect(refresh).not.toHaveBeenCalled();
    expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(7), generation: 2, epoch: 0 });
    expect(story()).toEqual(['restored 1', 'refresh-started unauthorized 1', 'tokens-adopted 2', 'request-resent 2']);
  });

  it('is not taken for new after that', () => {
    const { store, write } = sharedStore();
    const { session, refresh } = setUp({ store });
    write(tokensOf(7), true);
    record(session.refresh$);
    record(session.refresh$);
    expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(7)]);
  });

  it('and that was emptied signs out: waiters get SessionChangedError', () => {
    const { store, write } = sharedStore();
    const { session, refresh, story } = setUp({ store });
    write(null, true);
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ error: { name: 'SessionChangedError' } });
    expect(refresh).not.toHaveBeenCalled();
    expect(session.state).toMatchObject({ status: 'signed-out', reason: 'elsewhere', epoch: 1 });
    expect(story()).toContain('signed-out elsewhere');
  });

  it('and that holds garbage or cannot be read is refreshed all the same', () => {
    const get = vi.fn<TokenStore['get']>(() => tokensOf(1));
    const { session, refresh, story } = setUp({ store: { get, set: () => {} } });
    get.mockReturnValueOnce({ oops: true } as unknown as TokenSet);
    expect(record(session.refresh$).settled?.kind).toBe('complete');
    get.mockImplementationOnce(() => {
      throw new Error('locked');
    });
    expect(record(session.refresh$).settled?.kind).toBe('complete');
    expect(refresh).toHaveBeenCalledTimes(2);
    expect(story().filter((it) => it.startsWith('store-failed'))).toEqual([
      'store-failed get TypeError',
      'store-failed get Error',
    ]);
  });

  it('and that cannot be written is not believed to hold newer tokens', () => {
    const store = {
      get: () => tokensOf(1),
      set: () => {
        throw new Error('full');
      },
    };
    const { session, refresh } = setUp({ store });
    record(session.refresh$);
    record(session.refresh$);
    expect(refresh.mock.calls.map(([current]) => current?.accessToken)).toEqual(['access-1', 'access-2']);
  });
});

describe('changes$', () => {
  it('brings newer tokens of the same owner into force', () => {
    const { store, write } = sharedStore();
    const { session, story } = setUp({ store });
    write(tokensOf(2));
    expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(2), generation: 2, epoch: 0 });
    expect(story()).toEqual(['restored 1', 'tokens-adopted 2']);
  });

  it('signs out and in again', () => {
    const { store, write } = sharedStore();
    const { session, story } = setUp({ store });
    write(null);
    expect(session.state).toMatchObject({ status: 'signed-out', reason: 'elsewhere', epoch: 1 });
    write(tokensOf(2));
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(2), epoch: 2 });
    expect(story()).toEqual(['restored 1', 'signed-out elsewhere', 'signed-in 2']);
  });

  it('that repeats what is known already changes nothing', () => {
    const { store, write } = sharedStore();
    const { session, states } = setUp({ store });
    write(tokensOf(1));
    expect(states.length).toBe(1);
    write(null);
    write(null);
    void session.signIn(tokensOf(3));
    write(tokensOf(3));
    expect(states.map(({ status }) => status)).toEqual(['signed-in', 'signed-out', 'signed-in']);
  });

  it('ends who waits when it signs out', () => {
    const { store, write } = sharedStore();
    const { session, refresh } = setUp({ store, refresh: () => NEVER });
    const api = apiOf(session, accepting());
    const waiting = [record(session.refresh$), record(api.get$)];
    write(null);
    for (const it of waiting) expect(it.expectOneOutcome()).toMatchObject({ error: { name: 'SessionChangedError' } });
    expect(refresh.mock.calls[0]?.[1].signal.aborted).toBe(true);
  });

  it('lets those go who are not sent yet, while a refresh of the old token is still running', () => {
    marbles(({ expectObservable, flush }) => {
      const { store, write } = sharedStore();
      const { session } = setUp({ store, refresh: () => after(50, tokensOf(9)) });
      const api = apiOf(session, accepting('access-2', 'access-9'));
      expectObservable(api.get$).toBe('50ms (a|)', { a: 'access-9' });
      at(10, () => {
        write(tokensOf(2));
      });
      expectObservable(api.get$, '20ms ^').toBe('20ms (a|)', { a: 'access-2' });
      flush();
      expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(9), generation: 3 });
    });
  });

  it('gives those who wait the newer tokens where their refresh is refused for their sake', () => {
    marbles(({ expectObservable, flush }) => {
      const { store, write } = sharedStore();
      const { session, story } = setUp({
        store,
        refresh: () =>
          timer(50).pipe(
            map(() => {
              throw refusal;
            }),
          ),
      });
      const api = apiOf(session, accepting('access-2'));
      expectObservable(api.get$).toBe('50ms (a|)', { a: 'access-2' });
      at(10, () => {
        write(tokensOf(2));
      });
      flush();
      expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(2), generation: 2, epoch: 0 });
      expect(store.get()).toEqual(tokensOf(2));
      expect(story()).not.toContain('signed-out expired');
    });
  });

  it.each([undefined, 'text', {}, { accessToken: '' }])(
    'that brings garbage is reported and ignored: %j',
    (garbage) => {
      const { store, changes$ } = sharedStore();
      const { session, states, story } = setUp({ store });
      changes$.next(garbage as unknown as TokenSet);
      expect([session.state.tokens, states.length]).toEqual([tokensOf(1), 1]);
      expect(story().at(-1)).toBe('store-failed changes$ TypeError');
      changes$.next(tokensOf(2));
      expect(session.state.tokens).toEqual(tokensOf(2));
    },
  );

  it('that fails is reported; the session goes on', () => {
    const { store, changes$ } = sharedStore();
    const { session, story } = setUp({ store });
    changes$.error(new Error('access-1'));
    expect(story()).toEqual(['restored 1', 'store-failed changes$ Error']);
    record(session.refresh$);
    expect(session.state.tokens).toEqual(tokensOf(2));
  });
});

describe('a store with a lock', () => {
  /** Mutual exclusion among all who share it, as the Web Locks API gives it. */
  function locked(initial: TokenSet | null = tokensOf(1)) {
    let tail: Promise<unknown> = Promise.resolve();
    const log: string[] = [];
    const store: TokenStore = {
      ...memoryStore(initial),
      lock: (work) => {
        const run = tail.then(async () => {
          log.push('locked');
          try {
            return await work();
          } finally {
            log.push('released');
          }
        });
        tail = run.catch(() => undefined);
        return run;
      },
    };
    return { store, log, hold: (work: () => Promise<void>) => store.lock!(work) };
  }

  it('is locked from before it is read again until the new tokens are written', async () => {
    const { store, log } = locked();
    const { session } = setUp({
      store: {
        ...store,
        get: () => (log.push('get'), store.get()),
        set: (tokens) => (log.push('set'), store.set(tokens)),
      },
      refresh: () => (log.push('refresh'), of(tokensOf(2))),
    });
    log.length = 0;
    expect(await record(session.refresh$).outcome).toEqual({ kind: 'complete', values: [tokensOf(2)] });
    await settle();
    expect(log).toEqual(['locked', 'get', 'refresh', 'set', 'released']);
  });

  it('lets one of two holders refresh, and the other adopt', async () => {
    const { store } = locked();
    const refresh: SessionOptions['refresh'] = async () => tokensOf(2);
    const [one, two] = [setUp({ store, refresh }), setUp({ store, refresh })];
    const outcomes = await Promise.all([record(one.session.refresh$).outcome, record(two.session.refresh$).outcome]);
    expect(outcomes).toEqual([1, 2].map(() => ({ kind: 'complete', values: [tokensOf(2)] })));
    expect([one.refresh.mock.calls.length, two.refresh.mock.calls.length]).toEqual([1, 0]);
    expect(two.story()).toEqual(['restored 1', 'refresh-started requested 1', 'tokens-adopted 2']);
  });

  it('makes the second wait for the first, as long as that takes', async () => {
    const { store, hold } = locked();
    const held = deferred<undefined>();
    void hold(() => held.promise);
    const { session, refresh } = setUp({ store });
    const waiting = record(session.refresh$);
    await settle();
    expect([refresh.mock.calls.length, waiting.settled, session.state.status]).toEqual([0, undefined, 'refreshing']);
    void store.set(tokensOf(7));
    held.resolve(undefined);
    expect(await waiting.outcome).toEqual({ kind: 'complete', values: [tokensOf(7)] });
    expect(refresh).not.toHaveBeenCalled();
  });

  it.each<[string, TokenSet | null]>([
    ['signOut', null],
    ['signIn', tokensOf('other')],
  ])('lets %s end who waits for it, at once, and does nothing for them when it is granted', async (_title, tokens) => {
    const { store, hold } = locked();
    const held = deferred<undefined>();
    void hold(() => held.promise);
    const { session, refresh } = setUp({ store });
    const waiting = record(session.refresh$);
    await settle();
    await (tokens ? session.signIn(tokens) : session.signOut());
    expect(waiting.expectOneOutcome()).toMatchObject({ error: { name: 'SessionChangedError' } });
    held.resolve(undefined);
    await settle();
    expect(refresh).not.toHaveBeenCalled();
    expect([session.state.tokens, store.get()]).toEqual([tokens, tokens]);
  });

  it('lets a change of owner end the refresh that holds it, at once; the next owner refreshes anew', async () => {
    const { store } = locked();
    const { session, refresh } = setUp({ store, refresh: () => NEVER });
    const former = record(session.refresh$);
    await settle();
    expect(refresh).toHaveBeenCalledTimes(1);
    void session.signIn(tokensOf('other'));
    expect(former.expectOneOutcome()).toMatchObject({ error: { name: 'SessionChangedError' } });
    refresh.mockImplementation(async () => tokensOf(2));
    const next = record(session.refresh$);
    expect(await next.outcome).toEqual({ kind: 'complete', values: [tokensOf(2)] });
    expect(refresh.mock.calls.map(([current]) => current?.accessToken)).toEqual(['access-1', 'access-other']);
    await settle();
    expect(store.get()).toEqual(tokensOf(2));
  });

  it('that is never granted is done without, after twice the timeout', () => {
    marbles(({ expectObservable, flush }) => {
      const store: TokenStore = { ...memoryStore(tokensOf(1)), lock: () => new Promise<never>(() => {}) };
      const { session } = setUp({ store, refreshTimeoutMs: 100 });
      expectObservable(session.refresh$).toBe('200ms (t|)', { t: tokensOf(2) });
      flush();
      expect(store.get()).toEqual(tokensOf(2));
    });
  });

  it('that is never granted is waited for without an end where the refresh is', () => {
    marbles(({ flush }) => {
      const store: TokenStore = { ...memoryStore(tokensOf(1)), lock: () => new Promise<never>(() => {}) };
      const { session } = setUp({ store, refreshTimeoutMs: Infinity });
      const waiting = record(session.refresh$);
      flush();
      expect([waiting.settled, asyncScheduler.now()]).toEqual([undefined, 0]);
    });
  });

  it('that is granted too late finds the work done', async () => {
    let grant: (() => Promise<unknown>) | undefined;
    const store: TokenStore = {
      ...memoryStore(tokensOf(1)),
      lock: (work) => {
        grant = work;
        return new Promise<never>(() => {});
      },
    };
    const { session, refresh } = setUp({ store, refreshTimeoutMs: 5 });
    await record(session.refresh$).outcome;
    expect(refresh).toHaveBeenCalledTimes(1);
    await grant?.();
    await settle();
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(2), generation: 2 });
  });

  it.each<[string, () => Promise<never>]>([
    ['is rejected', () => Promise.reject(new TypeError('access-1'))],
    [
      'throws',
      () => {
        throw new TypeError('access-1');
      },
    ],
  ])('that %s is done without, and reported', async (_title, lock) => {
    const { session, story } = setUp({ store: { ...memoryStore(tokensOf(1)), lock } });
    expect(await record(session.refresh$).outcome).toEqual({ kind: 'complete', values: [tokensOf(2)] });
    expect(story()).toEqual([
      'restored 1',
      'refresh-started requested 1',
      'store-failed lock TypeError',
      'refresh-succeeded 2',
    ]);
  });

  it('that fails after the work is done changes nothing', async () => {
    const lock = async (work: () => Promise<unknown>): Promise<never> => {
      await work();
      throw new Error('could not be released');
    };
    const { session } = setUp({ store: { ...memoryStore(tokensOf(1)), lock } });
    expect(await record(session.refresh$).outcome).toEqual({ kind: 'complete', values: [tokensOf(2)] });
    expect(session.state.status).toBe('signed-in');
  });

  it('that is never released holds nobody whose tokens are there', async () => {
    const lock = async (work: () => Promise<unknown>): Promise<never> => {
      await work();
      return new Promise<never>(() => {});
    };
    const { session } = setUp({ store: { ...memoryStore(tokensOf(1)), lock } });
    const one = record(session.refresh$);
    await settle();
    expect(one.settled).toEqual({ kind: 'complete', values: [tokensOf(2)] });
  });

  it('that never runs the work is done without', async () => {
    const lock = (): Promise<never> => Promise.resolve(undefined as never);
    const { session } = setUp({ store: { ...memoryStore(tokensOf(1)), lock } });
    expect(await record(session.refresh$).outcome).toEqual({ kind: 'complete', values: [tokensOf(2)] });
  });

  it('that forgets the result of the work is not asked for it', async () => {
    const lock = async (work: () => Promise<unknown>): Promise<never> => {
      await work();
      return undefined as never;
    };
    const { session } = setUp({ store: { ...memoryStore(tokensOf(1)), lock } });
    expect(await record(session.refresh$).outcome).toEqual({ kind: 'complete', values: [tokensOf(2)] });
  });

  it('passes on how the refresh failed, once, and leaves no rejection behind', async () => {
    const { store, log } = locked();
    const { session } = setUp({ store, refresh: () => Promise.reject(refusal) });
    const all = [record(session.refresh$), record(session.refresh$)];
    for (const one of all) expect(await one.outcome).toMatchObject({ error: { name: 'SessionExpiredError' } });
    await settle();
    expect([session.state.status, store.get(), log]).toEqual(['signed-out', null, ['locked', 'released']]);
  });

  it('passes on a timeout', async () => {
    const { store } = locked();
    const { session } = setUp({ store, refresh: () => NEVER, refreshTimeoutMs: 5 });
    expect(await record(session.refresh$).outcome).toMatchObject({ error: { reason: 'timeout' } });
  });

  it('serves a thousand requests with one refresh', async () => {
    const { store } = locked();
    const { session, refresh } = setUp({ store, refresh: async () => tokensOf(2) });
    const api = apiOf(session, (token) =>
      token === 'access-2' ? Promise.resolve(token) : Promise.reject(unauthorized),
    );
    const outcomes = await Promise.all(Array.from({ length: 1_000 }, () => record(api.get$).outcome));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['complete']));
    expect(refresh).toHaveBeenCalledTimes(1);
  });
});
