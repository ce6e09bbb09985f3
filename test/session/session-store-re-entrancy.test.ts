import { createSession, type Session, type TokenSet, type TokenStore } from 'sluice/session';
import { of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { tokensOf } from './fixture.ts';

/** A session with the tokens 1, and a synchronous store that calls `during` once, in the middle of its next write. */
function setUp(): { session: Session; store: TokenStore; during(act: (session: Session) => void): void } {
  let kept: TokenSet | null = tokensOf(1);
  let act: ((session: Session) => void) | undefined;
  const store: TokenStore = {
    get: () => kept,
    set: (tokens) => {
      kept = tokens;
      const acting = act;
      act = undefined;
      acting?.(session);
    },
  };
  const session = createSession({ store, refresh: () => of(tokensOf('refreshed')) });
  return {
    session,
    store,
    during: (next) => {
      act = next;
    },
  };
}

describe('a synchronous store that uses the session while it writes', () => {
  it('signs out during update(): the updated tokens do not come back', async () => {
    const { session, store, during } = setUp();
    during((its) => void its.signOut());
    await session.update(tokensOf(2));
    expect(session.state).toMatchObject({ status: 'signed-out', tokens: null });
    expect(store.get()).toBeNull();
  });

  it('signs another person in during update(): that person stays signed in', async () => {
    const { session, during } = setUp();
    during((its) => void its.signIn(tokensOf('other')));
    await session.update(tokensOf(2));
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf('other') });
  });

  it('updates during update(): the later tokens stay', async () => {
    const { session, during } = setUp();
    during((its) => void its.update(tokensOf(3)));
    await session.update(tokensOf(2));
    expect(session.state.tokens).toMatchObject(tokensOf(3));
  });

  it('signs another person in during signOut(): that person stays signed in', async () => {
    const { session, during } = setUp();
    during((its) => void its.signIn(tokensOf('other')));
    await session.signOut();
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf('other') });
  });
});
