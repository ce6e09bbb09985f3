import { NEVER } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { record } from '../support/recorder.ts';
import { settle, setUp, tokensOf } from './fixture.ts';

describe('a call from within a listener', () => {
  it('leaves the store as the last call says: signOut by a listener of `signed-in`', async () => {
    const { session, store, story } = setUp({ initial: null });
    session.events$.subscribe(({ type }) => {
      if (type === 'signed-in') void session.signOut();
    });
    await session.signIn(tokensOf(1));
    expect([session.state.tokens, store.get()]).toEqual([null, null]);
    expect(story()).toEqual(['signed-in 1', 'signed-out sign-out']);
  });

  it('leaves the store as the last call says: signOut by a waiting request of the former owner', async () => {
    const { session, store } = setUp({ refresh: () => NEVER });
    session.refresh$.subscribe({ error: () => void session.signOut() });
    await session.signIn(tokensOf('other'));
    expect([session.state.tokens, store.get()]).toEqual([null, null]);
  });

  it('leaves the store as the last call says: signIn by a listener of `signed-out`', async () => {
    const { session, store, story } = setUp();
    session.events$.subscribe(({ type }) => {
      if (type === 'signed-out') void session.signIn(tokensOf('other'));
    });
    await session.signOut();
    expect([session.state.tokens, store.get()]).toMatchObject([tokensOf('other'), tokensOf('other')]);
    expect(story()).toEqual(['restored 1', 'signed-out sign-out', 'signed-in 2']);
  });

  it('does not change the order of events and states for other listeners', () => {
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

  it('signs out once and revokes once when a listener of `refresh-succeeded` calls signOut', async () => {
    const revoke = vi.fn(() => []);
    const { session, store } = setUp({ revoke });
    const types: string[] = [];
    session.events$.subscribe(({ type }) => types.push(type));
    session.events$.subscribe(({ type }) => {
      if (type === 'refresh-succeeded') void session.signOut();
    });
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ kind: 'error' });
    await settle();
    expect([session.state.status, store.get()]).toEqual(['signed-out', null]);
    expect(revoke.mock.calls).toEqual([[tokensOf(2)]]);
    // The refresh has one outcome: no `refresh-failed` follows.
    expect(types).toEqual(['refresh-started', 'refresh-succeeded', 'signed-out']);
  });
});
