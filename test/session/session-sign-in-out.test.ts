import { asyncScheduler, NEVER, of, throwError } from 'rxjs';
import type { SessionOptions } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { deferred, settle, setUp, slowStore, tokensOf } from './fixture.ts';

describe('signIn', () => {
  it('has effect here and in a synchronous store when it returns', () => {
    const { session, store, story } = setUp({ initial: null });
    void session.signIn(tokensOf(1));
    expect(session.state).toEqual({
      status: 'signed-in',
      tokens: tokensOf(1),
      generation: 1,
      owner: expect.any(String),
    });
    expect(store.get()).toMatchObject(tokensOf(1));
    expect(story()).toEqual(['signed-in 1']);
  });

  it('makes a new owner each time, with the same tokens as well', () => {
    const { session, states } = setUp();
    void session.signIn(tokensOf(1));
    void session.signIn(tokensOf(1));
    expect(states.map(({ generation }) => generation)).toEqual([1, 2, 3]);
    expect(new Set(states.map(({ owner }) => owner)).size).toBe(3);
  });

  it('keeps the very object, with everything that the app keeps in it', () => {
    const { session, store } = setUp({ initial: null });
    const mine = { ...tokensOf(1), userId: 7 };
    void session.signIn(mine);
    expect(session.state.tokens).toBe(mine);
    expect(store.get()).toEqual({ ...mine, owner: session.state.owner });
  });

  it('has effect at once while a slow store is still to write the tokens', () => {
    marbles(({ flush }) => {
      const store = slowStore(10);
      const { session } = setUp({ store });
      flush();
      void session.signIn(tokensOf(1));
      expect(session.state.status).toBe('signed-in');
      expect(store.held).toBeNull();
      flush();
      expect(store.held).toMatchObject(tokensOf(1));
    });
  });

  it('returns a promise that resolves when the store has written the tokens, and not earlier', async () => {
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
  it('has effect here and has emptied a synchronous store when it returns', () => {
    const { session, store, story } = setUp();
    void session.signOut();
    expect(session.state).toEqual({
      status: 'signed-out',
      tokens: null,
      generation: 1,
      owner: null,
      reason: 'sign-out',
    });
    expect(store.get()).toBeNull();
    expect(story()).toEqual(['restored 1', 'signed-out sign-out']);
  });

  it('emits no event while nobody is signed in, but empties the store', async () => {
    const set = vi.fn();
    const { session, states, story } = setUp({ store: { get: () => null, set } });
    await session.signOut();
    expect([states.at(-1)?.reason, story(), set.mock.calls]).toEqual(['sign-out', [], [[null]]]);
  });

  it('revokes the tokens once', async () => {
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
  ])('completes when `revoke` %s, and that is reported', async (_title, revoke) => {
    const { session, story } = setUp({ revoke });
    await session.signOut();
    await settle();
    expect(session.state.status).toBe('signed-out');
    expect(story()).toEqual(['restored 1', 'signed-out sign-out', 'callback-failed revoke']);
  });

  it('does not wait for `revoke`, which has a timeout', () => {
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
