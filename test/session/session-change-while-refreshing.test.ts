import { asyncScheduler, NEVER, of } from 'rxjs';
import { type Session, type SessionOptions, type TokenSet } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { at, deferred, refusal, settle, setUp, slowStore, tokensOf, after } from './fixture.ts';

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
  it('ends it at once: waiting requests fail once with SessionChangedError, and the refresh is aborted and unsubscribed', () => {
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
      expect(store.get()).toEqual(held && expect.objectContaining(held));
      expect(asyncScheduler.now()).toBe(5);
    });
  });

  it('shows the new state to the waiting requests that it fails', () => {
    const { session } = setUp({ refresh: () => NEVER });
    const seen: (string | null)[] = [];
    const { owner } = session.state;
    session.refresh$.subscribe({ error: () => seen.push(session.state.owner) });
    change(session);
    expect(seen).toHaveLength(1);
    expect(seen).not.toContain(owner);
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
    expect(store.get()).toEqual(held && expect.objectContaining(held));
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
    expect([session.state, events.length, store.get()]).toEqual([state, length, held && expect.objectContaining(held)]);
  });

  it('ends it even while the new tokens are being written, and the store ends with what the change wrote', () => {
    marbles(({ flush }) => {
      const store = slowStore(10, tokensOf(1));
      const revoke = vi.fn<NonNullable<SessionOptions['revoke']>>(() => []);
      const { session } = setUp({ store, refresh: () => of(tokensOf(2)), revoke });
      flush();
      const waiter = record(session.refresh$);
      at(15, () => {
        revoke.mockClear();
        change(session);
        expect(waiter.expectOneOutcome()).toMatchObject({ error: { name: 'SessionChangedError' } });
      });
      flush();
      const isDisposed = held?.accessToken === 'access-1';
      // After dispose() the refreshed tokens are in the store. After a sign-out or sign-in they belong to nobody.
      expect(revoke.mock.calls.filter(([tokens]) => tokens.accessToken === 'access-2')).toHaveLength(
        isDisposed ? 0 : 1,
      );
      // The write in flight is completed, and the next write replaces it.
      expect(store.writes[0]).toBe('access-2');
      expect(store.held).toMatchObject((isDisposed ? tokensOf(2) : held) ?? {});
      expect(session.state.tokens).toEqual(isDisposed ? null : held);
    });
  });
});

describe('the events of a change during a refresh', () => {
  it('are the end of the former refresh, and then `signed-in`', () => {
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

  it('are the end of the refresh, and then `signed-out`', () => {
    const { session, story } = setUp({ refresh: () => NEVER });
    record(session.refresh$);
    void session.signOut();
    expect(story().slice(2)).toEqual(['refresh-failed session-changed', 'signed-out sign-out']);
  });
});

describe('a refresh for the new owner', () => {
  it('is a new one when a waiting request of the former owner starts it', () => {
    marbles(({ flush }) => {
      let n = 1;
      const { session, refresh } = setUp({ refresh: () => after(10, tokensOf(++n)) });
      const again: ReturnType<typeof record>[] = [];
      session.refresh$.subscribe({ error: () => again.push(record(session.refresh$)) });
      at(5, () => session.signIn(tokensOf('other')));
      flush();
      expect(refresh.mock.calls.map(([current]) => current?.accessToken)).toEqual(['access-1', 'access-other']);
      expect(again.map((it) => it.expectOneOutcome())).toEqual([{ kind: 'complete', values: [tokensOf(3)] }]);
      expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(3) });
    });
  });

  it('is a new one when a listener of `signed-in` starts it', () => {
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

  it('is a new one when a listener of `refresh-started` changes the owner', () => {
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
