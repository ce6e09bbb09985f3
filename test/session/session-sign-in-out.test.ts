import { asyncScheduler, map, NEVER, of, Subject, throwError, timer, type Observable } from 'rxjs';
import { memoryStore, type Session, type SessionOptions, type TokenSet, type TokenStore } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { at, deferred, refusal, settle, setUp, slowStore, tokensOf } from './fixture.ts';

const after = (ms: number, tokens: TokenSet = tokensOf(2)): Observable<TokenSet> => timer(ms).pipe(map(() => tokens));

describe('signIn', () => {
  it('is in force and in the store when it returns', () => {
    const { session, store, story } = setUp({ initial: null });
    void session.signIn(tokensOf(1));
    expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(1), generation: 1, epoch: 1 });
    expect(store.get()).toEqual(tokensOf(1));
    expect(story()).toEqual(['signed-in 1']);
  });

  it('changes the owner each time, also with the same tokens', () => {
    const { session, states } = setUp();
    void session.signIn(tokensOf(1));
    void session.signIn(tokensOf(1));
    expect(states.map(({ epoch, generation }) => [epoch, generation])).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
  });

  it('keeps the very object, with all that the app keeps in it', () => {
    const { session, store } = setUp({ initial: null });
    const mine = { ...tokensOf(1), userId: 7 };
    void session.signIn(mine);
    expect(session.state.tokens).toBe(mine);
    expect(store.get()).toBe(mine);
  });

  it('resolves when the store has it', () => {
    marbles(({ flush }) => {
      const store = slowStore(10);
      const { session } = setUp({ store });
      flush();
      void session.signIn(tokensOf(1));
      expect(session.state.status).toBe('signed-in');
      expect(store.held).toBeNull();
      flush();
      expect(store.held).toEqual(tokensOf(1));
    });
  });

  it('resolves only then', async () => {
    const written = deferred<undefined>();
    const { session } = setUp({ store: { get: () => null, set: () => written.promise } });
    let done = false;
    const promise = session.signIn(tokensOf(1)).then(() => (done = true));
    await settle();
    expect(done).toBe(false);
    written.resolve(undefined);
    await promise;
  });
});

describe('signOut', () => {
  it('is in force and the store is empty when it returns', () => {
    const { session, store, story } = setUp();
    void session.signOut();
    expect(session.state).toEqual({ status: 'signed-out', tokens: null, generation: 1, epoch: 1, reason: 'sign-out' });
    expect(store.get()).toBeNull();
    expect(story()).toEqual(['restored 1', 'signed-out sign-out']);
  });

  it('is silent where nobody is signed in, and empties the store all the same', async () => {
    const set = vi.fn();
    const { session, states, story } = setUp({ store: { get: () => null, set } });
    await session.signOut();
    expect([states.length, story(), set.mock.calls]).toEqual([1, [], [[null]]]);
  });

  it('has the tokens revoked, once', async () => {
    const revoke = vi.fn(() => of(null));
    const { session } = setUp({ revoke });
    await session.signOut();
    await session.signOut();
    expect(revoke.mock.calls).toEqual([[tokensOf(1)]]);
  });

  it.each<[string, () => ReturnType<NonNullable<SessionOptions['revoke']>>]>([
    [
      'throws',
      () => {
        throw new Error('oops');
      },
    ],
    ['fails', () => throwError(() => new Error('oops'))],
    ['is rejected', () => Promise.reject(new Error('oops'))],
  ])('goes well when `revoke` %s, and that is reported', async (_title, revoke) => {
    const { session, story } = setUp({ revoke });
    await session.signOut();
    await settle();
    expect(session.state.status).toBe('signed-out');
    expect(story()).toEqual(['restored 1', 'signed-out sign-out', 'callback-failed revoke']);
  });

  it('does not wait for `revoke`, which is bounded', () => {
    marbles(({ flush }) => {
      const { session, story } = setUp({ revoke: () => NEVER, refreshTimeoutMs: 50 });
      void session.signOut();
      expect(session.state.status).toBe('signed-out');
      flush();
      expect(asyncScheduler.now()).toBe(50);
      expect(story().at(-1)).toBe('callback-failed revoke');
    });
  });
});

type Change = [string, (session: Session) => void, TokenSet | null];
const changes: Change[] = [
  ['signOut', (session) => void session.signOut(), null],
  ['signIn', (session) => void session.signIn(tokensOf('other')), tokensOf('other')],
  [
    'signOut and signIn',
    (session) => {
      void session.signOut();
      void session.signIn(tokensOf('other'));
    },
    tokensOf('other'),
  ],
  [
    'dispose',
    (session) => {
      session.dispose();
    },
    tokensOf(1),
  ],
  [
    'using',
    (session) => {
      session[Symbol.dispose]();
    },
    tokensOf(1),
  ],
];

describe.each(changes)('%s during a refresh', (_title, change, held) => {
  it('ends it at once: waiters hear SessionChangedError once, the request is aborted and unsubscribed', () => {
    marbles(({ cold, expectSubscriptions, flush }) => {
      const silent = cold<TokenSet>('-');
      const { session, refresh, store } = setUp({ refresh: () => silent });
      const waiters = [record(session.refresh$), record(session.refresh$)];
      at(5, () => {
        change(session);
        for (const waiter of waiters)
          expect(waiter.expectOneOutcome()).toMatchObject({ error: { name: 'SessionChangedError' } });
      });
      flush();
      expectSubscriptions(silent.subscriptions).toBe('^----!');
      expect(refresh.mock.calls[0]?.[1].signal.aborted).toBe(true);
      expect(store.get()).toEqual(held);
      expect(asyncScheduler.now()).toBe(5);
    });
  });

  it('shows the new state to waiters that are told', () => {
    const { session } = setUp({ refresh: () => NEVER });
    const seen: number[] = [];
    session.refresh$.subscribe({ error: () => seen.push(session.state.epoch) });
    change(session);
    expect(seen).toEqual([1]);
  });

  it('discards and revokes what the refresh brings later', async () => {
    const answered = deferred<TokenSet>();
    const revoke = vi.fn(() => []);
    const { session, store } = setUp({ refresh: () => answered.promise, revoke });
    record(session.refresh$);
    change(session);
    revoke.mockClear();
    answered.resolve(tokensOf(2));
    await settle();
    expect(revoke.mock.calls).toEqual([[tokensOf(2)]]);
    expect(store.get()).toEqual(held);
    expect(session.state.tokens).toEqual(held?.accessToken === 'access-1' ? null : held);
  });

  it('is not undone by a refusal that comes later', async () => {
    const answered = deferred<TokenSet>();
    const { session, store, events } = setUp({ refresh: () => answered.promise });
    record(session.refresh$);
    change(session);
    const [state, length] = [session.state, events.length];
    answered.reject(refusal);
    await settle();
    expect([session.state, events.length, store.get()]).toEqual([state, length, held]);
  });

  it('ends it also when the answer is there and the store is being written: revoked, and the store ends right', () => {
    marbles(({ flush }) => {
      const store = slowStore(10, tokensOf(1));
      const revoke = vi.fn(() => []);
      const { session } = setUp({ store, refresh: () => of(tokensOf(2)), revoke });
      flush();
      const waiter = record(session.refresh$);
      at(15, () => {
        revoke.mockClear();
        change(session);
        expect(waiter.expectOneOutcome()).toMatchObject({ error: { name: 'SessionChangedError' } });
        expect(revoke.mock.calls).toContainEqual([tokensOf(2)]);
      });
      flush();
      // What was being written is written; what comes after it stands.
      expect(store.writes[0]).toBe('access-2');
      if (held?.accessToken !== 'access-1') expect(store.held).toEqual(held);
      expect(session.state.tokens).toEqual(held?.accessToken === 'access-1' ? null : held);
    });
  });
});

describe('the events of a change during a refresh', () => {
  it('name the new owner and the end of the former refresh', () => {
    const { session, story } = setUp({ refresh: () => NEVER });
    record(session.refresh$);
    void session.signIn(tokensOf('other'));
    expect(story()).toEqual([
      'restored 1',
      'refresh-started requested 1',
      'refresh-failed session-changed',
      'signed-in 2',
    ]);
  });

  it('name the sign-out and the end of the refresh', () => {
    const { session, story } = setUp({ refresh: () => NEVER });
    record(session.refresh$);
    void session.signOut();
    expect(story().slice(2).sort()).toEqual(['refresh-failed session-changed', 'signed-out sign-out']);
  });
});

describe('a refresh for the new owner', () => {
  it('is a new one, also when asked for by a waiter of the former', () => {
    marbles(({ flush }) => {
      let n = 1;
      const { session, refresh } = setUp({ refresh: () => after(10, tokensOf(++n)) });
      const again: ReturnType<typeof record>[] = [];
      session.refresh$.subscribe({ error: () => again.push(record(session.refresh$)) });
      at(5, () => session.signIn(tokensOf('other')));
      flush();
      expect(refresh.mock.calls.map(([current]) => current?.accessToken)).toEqual(['access-1', 'access-other']);
      expect(again.map((it) => it.expectOneOutcome())).toEqual([{ kind: 'complete', values: [tokensOf(3)] }]);
      expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(3), epoch: 1 });
    });
  });

  it('is a new one, also when asked for within `signed-in`', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ refresh: () => after(10) });
      const again: ReturnType<typeof record>[] = [];
      session.events$.subscribe(({ type }) => {
        if (type === 'signed-in') again.push(record(session.refresh$));
      });
      record(session.refresh$);
      void session.signIn(tokensOf('other'));
      flush();
      expect(refresh).toHaveBeenCalledTimes(2);
      expect(again[0]?.expectOneOutcome()).toMatchObject({ kind: 'complete' });
    });
  });

  it('is a new one, also when the owner changes within `refresh-started`', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ refresh: () => after(10) });
      let first = true;
      session.events$.subscribe(({ type }) => {
        if (type !== 'refresh-started' || !first) return;
        first = false;
        void session.signIn(tokensOf('other'));
      });
      const former = record(session.refresh$);
      expect(former.expectOneOutcome()).toMatchObject({ error: { name: 'SessionChangedError' } });
      expect(refresh).not.toHaveBeenCalled();
      const next = record(session.refresh$);
      flush();
      expect(next.expectOneOutcome()).toEqual({ kind: 'complete', values: [tokensOf(2)] });
      expect(refresh).toHaveBeenCalledTimes(1);
    });
  });
});

describe('re-entrancy', () => {
  it('leaves the store as the last call says: signOut within `signed-in`', async () => {
    const { session, store, story } = setUp({ initial: null });
    session.events$.subscribe(({ type }) => {
      if (type === 'signed-in') void session.signOut();
    });
    await session.signIn(tokensOf(1));
    expect([session.state.tokens, store.get()]).toEqual([null, null]);
    expect(story()).toEqual(['signed-in 1', 'signed-out sign-out']);
  });

  it('leaves the store as the last call says: signOut by a waiter of the former owner', async () => {
    const { session, store } = setUp({ refresh: () => NEVER });
    session.refresh$.subscribe({ error: () => void session.signOut() });
    await session.signIn(tokensOf('other'));
    expect([session.state.tokens, store.get()]).toEqual([null, null]);
  });

  it('leaves the store as the last call says: signIn within `signed-out`', async () => {
    const { session, store, story } = setUp();
    session.events$.subscribe(({ type }) => {
      if (type === 'signed-out') void session.signIn(tokensOf('other'));
    });
    await session.signOut();
    expect([session.state.tokens, store.get()]).toEqual([tokensOf('other'), tokensOf('other')]);
    expect(story()).toEqual(['restored 1', 'signed-out sign-out', 'signed-in 2']);
  });

  it('tells events and states to all listeners in the order in which they happened', () => {
    const { session } = setUp();
    const [first, second, states]: string[][] = [[], [], []];
    session.events$.subscribe(({ type }) => {
      first?.push(type);
      if (type === 'signed-out') void session.signIn(tokensOf('other'));
    });
    session.events$.subscribe(({ type }) => second?.push(type));
    session.state$.subscribe(({ status, generation }) => {
      states?.push(`${status} ${generation}`);
      if (status === 'signed-in' && generation === 2) record(session.refresh$);
    });
    void session.signOut();
    const expected = ['signed-out', 'signed-in', 'refresh-started', 'refresh-succeeded'];
    expect([first, second]).toEqual([expected, expected]);
    expect(states).toEqual(['signed-in 1', 'signed-out 1', 'signed-in 2', 'refreshing 2', 'signed-in 3']);
  });

  it('signs out once and revokes once from within `refresh-succeeded`', async () => {
    const revoke = vi.fn(() => []);
    const { session, store } = setUp({ revoke });
    session.events$.subscribe(({ type }) => {
      if (type === 'refresh-succeeded') void session.signOut();
    });
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ kind: 'error' });
    await settle();
    expect([session.state.status, store.get()]).toEqual(['signed-out', null]);
    expect(revoke.mock.calls).toEqual([[tokensOf(2)]]);
  });
});

describe('dispose', () => {
  it('completes state$ and events$, after the last state', () => {
    const { session } = setUp();
    const states = record(session.state$);
    const events = record(session.events$);
    session.dispose();
    expect(states.expectOneOutcome()).toMatchObject({
      kind: 'complete',
      values: [{}, { status: 'signed-out', tokens: null }],
    });
    expect(events.expectOneOutcome()).toMatchObject({ kind: 'complete' });
  });

  it('leaves the store as it is, and forgets the tokens', () => {
    const { session, store } = setUp();
    session.dispose();
    expect([session.state.tokens, session.state.status, store.get()]).toEqual([null, 'signed-out', tokensOf(1)]);
  });

  it('says no reason: nobody signed out', () => {
    const { session } = setUp({ refresh: () => NEVER });
    record(session.refresh$);
    session.dispose();
    expect(session.state.reason).toBeUndefined();
  });

  it('does nothing the second time', () => {
    const { session } = setUp();
    session.dispose();
    const { state } = session;
    session.dispose();
    expect(session.state).toBe(state);
  });

  it('refuses what comes after it', () => {
    const { session, refresh } = setUp();
    session.dispose();
    const refusal = expect.objectContaining({ name: 'InvalidInputError' }) as Error;
    expect(() => session.signIn(tokensOf(2))).toThrow(refusal);
    expect(() => session.signOut()).toThrow(refusal);
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ kind: 'error' });
    expect(refresh).not.toHaveBeenCalled();
  });

  it('stops listening to the store', () => {
    const changes$ = new Subject<TokenSet | null>();
    const store: TokenStore = { ...memoryStore(tokensOf(1)), changes$ };
    const { session } = setUp({ store });
    expect(changes$.observed).toBe(true);
    void session.signOut();
    expect(changes$.observed).toBe(true);
    session.dispose();
    expect(changes$.observed).toBe(false);
  });

  it('serves `using`', () => {
    let inner: Session;
    {
      using session = setUp().session;
      inner = session;
      expect(inner.state.status).toBe('signed-in');
    }
    expect(inner.state.status).toBe('signed-out');
  });
});
