import { asyncScheduler, of } from 'rxjs';
import { type SessionOptions } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { accepting, after, apiOf, at, late, setUp, slowStore, tokensOf } from './fixture.ts';

const minute = 60_000;
/** A session signed in at 0 with tokens of this lifetime. */
function signedIn(expiresAt: number, options: Partial<SessionOptions> = {}) {
  const all = setUp({ initial: null, ...options });
  void all.session.signIn(tokensOf(1, { expiresAt }));
  return { ...all, api: apiOf(all.session, (token) => [String(token)]) };
}

/** A session whose tokens are all expired when they arrive, and an API that accepts one of them only. */
function expiredOnArrival(accepted: string) {
  let n = 1;
  const { session, refresh } = setUp({
    initial: null,
    refresh: () => of(tokensOf(++n, { expiresAt: asyncScheduler.now() - minute })),
  });
  void session.signIn(tokensOf(1, { expiresAt: 0 }));
  return { refresh, api: apiOf(session, accepting(accepted)) };
}

describe('a wrong clock', () => {
  it('causes no loop: a token that is expired on arrival is used until a 401', () => {
    marbles(({ flush }) => {
      const { refresh, api } = expiredOnArrival('access-1');
      for (let ms = 0; ms < 10_000; ms += 100) at(ms, () => record(api.get$));
      flush();
      expect(refresh).not.toHaveBeenCalled();
      expect(api.sent.length).toBe(100);
    });
  });

  it('costs one 401 and one refresh for ten requests, although each token is expired on arrival', () => {
    marbles(({ flush }) => {
      const { refresh, api } = expiredOnArrival('access-2');
      const outcomes: unknown[] = [];
      for (let ms = 0; ms < 1_000; ms += 100) at(ms, () => outcomes.push(record(api.get$).settled?.kind));
      flush();
      expect([refresh.mock.calls.length, api.sent.length, new Set(outcomes)]).toEqual([1, 11, new Set(['complete'])]);
    });
  });

  it('causes no loop with tokens of a very short lifetime', () => {
    marbles(({ flush }) => {
      let n = 1;
      const { session, refresh } = setUp({
        initial: tokensOf(1, { expiresAt: -1 }),
        // Each token has expired when it is stored, and when the waiting requests check it.
        refresh: () => of(tokensOf(++n, { expiresAt: asyncScheduler.now() + 1 })),
        store: { ...slowStore(5, tokensOf(1, { expiresAt: -1 })) },
      });
      const api = apiOf(session, (token) => [String(token)]);
      const one = record(api.get$);
      flush();
      expect(one.expectOneOutcome().kind).toBe('complete');
      expect(refresh).toHaveBeenCalledTimes(1);
    });
  });

  it('does not keep a token that was just refreshed and is expired already from being sent', () => {
    marbles(({ flush }) => {
      let n = 1;
      const { session, refresh } = setUp({
        refresh: () => of(tokensOf(++n, { expiresAt: asyncScheduler.now() + 10 })),
      });
      record(session.refresh$);
      const api = apiOf(session, accepting('access-3'));
      at(20, () => {
        expect(record(api.get$).settled).toEqual({ kind: 'complete', values: ['access-3'] });
      });
      flush();
      expect([api.sent, refresh.mock.calls.length]).toEqual([['access-2', 'access-3'], 2]);
    });
  });
});

describe('an idle session', () => {
  it('sets no timer and starts no refresh', () => {
    marbles(({ flush }) => {
      const { session, refresh } = signedIn(minute);
      flush();
      expect([asyncScheduler.now(), refresh.mock.calls.length]).toEqual([0, 0]);
      expect(session.state.status).toBe('signed-in');
    });
  });

  it('has no timer left after a refresh', () => {
    marbles(({ flush }) => {
      const { api } = signedIn(minute, { refresh: () => after(100, tokensOf(2, { expiresAt: 10 * minute })) });
      at(minute, () => record(api.get$));
      flush();
      expect(asyncScheduler.now()).toBe(minute + 100);
    });
  });
});

describe('a 401 for an expired token', () => {
  it.each([
    ['this very millisecond', 100],
    ['a moment ago', 200],
  ])('starts a refresh although the last one was %s', (_title, travels) => {
    marbles(({ flush }) => {
      let n = 1;
      const { session, refresh } = setUp({
        refresh: () => of(tokensOf(++n, { expiresAt: asyncScheduler.now() + 500 })),
      });
      record(session.refresh$);
      const api = apiOf(session, (token) => (token === 'access-3' ? [token] : late(travels)));
      let one: ReturnType<typeof record> | undefined;
      at(400, () => (one = record(api.get$)));
      flush();
      expect(one?.expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-3'] });
      expect(refresh).toHaveBeenCalledTimes(2);
    });
  });
});
