import { asyncScheduler, NEVER, Subject } from 'rxjs';
import type { TokenSet, TokenStore } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { at, setUp, tokensOf } from './fixture.ts';

interface RacingStore extends TokenStore {
  held: TokenSet | null;
  readonly changes$: Subject<TokenSet | null>;
  /** Another holder writes, and says so. */
  elsewhere(tokens: TokenSet | null): void;
}

/** Holds what is written to it at once, and says so after `ms` of virtual time, or never. */
function racingStore(ms: number): RacingStore {
  const store: RacingStore = {
    held: tokensOf(1),
    changes$: new Subject(),
    get: () => store.held,
    set: (tokens) => {
      store.held = tokens;
      return {
        then: (done) => {
          if (ms < Infinity) asyncScheduler.schedule(() => void done?.(), ms);
          return new Promise<never>(() => {});
        },
      };
    },
    elsewhere: (tokens) => {
      store.held = tokens;
      store.changes$.next(tokens);
    },
  };
  return store;
}

describe('a write that takes effect, but seems to have failed', () => {
  it('is not taken for another holder’s tokens', () => {
    marbles(({ flush }) => {
      const store = racingStore(Infinity);
      const { session, refresh } = setUp({ store, refresh: () => NEVER });
      void session.signIn(tokensOf('other'));
      at(60_000, () => record(session.refresh$));
      at(60_001, () => {
        expect(session.state.status).toBe('refreshing');
        expect(refresh).toHaveBeenCalledOnce();
      });
      flush();
    });
  });
});

describe('while a write is on its way', () => {
  it('another holder’s sign-out counts, although the store was empty before, too', () => {
    marbles(({ flush }) => {
      const store = racingStore(10);
      const { session } = setUp({ store });
      store.elsewhere(null);
      void session.signIn(tokensOf('other'));
      store.elsewhere(null);
      expect(session.state).toMatchObject({ status: 'signed-out', tokens: null });
      flush();
    });
  });

  it('what waits behind it does not overwrite what another holder has written', () => {
    marbles(({ flush }) => {
      const store = racingStore(10);
      const { session } = setUp({ store });
      void session.signOut();
      void session.signIn(tokensOf(2));
      at(5, () => {
        store.elsewhere(tokensOf(3));
      });
      flush();
      expect(store.held).toEqual(tokensOf(3));
      expect(session.state.tokens).toEqual(tokensOf(3));
    });
  });

  it('a refresh that another holder’s tokens have overtaken goes on with those', () => {
    marbles(({ flush }) => {
      const store = racingStore(10);
      const { session } = setUp({ store });
      const refreshed = record(session.refresh$);
      at(5, () => {
        store.elsewhere(tokensOf(9));
      });
      flush();
      expect(refreshed.values).toEqual([tokensOf(9)]);
      expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(9) });
      expect(store.held).toEqual(tokensOf(9));
    });
  });
});
