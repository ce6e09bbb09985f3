import { asyncScheduler, map, of, throwError, timer, type Observable } from 'rxjs';
import { memoryStore, type SessionOptions, type TokenSet } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { accepting, apiOf, at, refusal, setUp, slowStore, tokensOf, unauthorized } from './fixture.ts';

const minute = 60_000;
const after = (ms: number, tokens: TokenSet): Observable<TokenSet> => timer(ms).pipe(map(() => tokens));

/** Someone who signs in at 0 with tokens that live for so long. */
function signedIn(expiresAt: number, options: Partial<SessionOptions> = {}) {
  const all = setUp({ initial: null, ...options });
  void all.session.signIn(tokensOf(1, { expiresAt }));
  return { ...all, api: apiOf(all.session, (token) => [String(token)]) };
}

describe('a token near its end', () => {
  it('is refreshed by the next request, which goes out with the old one', () => {
    marbles(({ expectObservable, flush }) => {
      const { refresh, api, session, story } = signedIn(10 * minute, { refresh: () => after(100, tokensOf(2)) });
      at(570_000 - 1, () => {
        record(api.get$);
        expect(refresh).not.toHaveBeenCalled();
      });
      expectObservable(api.get$, '570s ^').toBe('570s (a|)', { a: 'access-1' });
      expectObservable(api.get$, '570s 99ms ^').toBe('570s 99ms (a|)', { a: 'access-1' });
      expectObservable(api.get$, '570s 101ms ^').toBe('570s 101ms (a|)', { a: 'access-2' });
      flush();
      expect(refresh.mock.calls).toMatchObject([[tokensOf(1), { reason: 'expiring' }]]);
      expect(session.state).toMatchObject({ tokens: tokensOf(2), generation: 2 });
      expect(story()).toEqual(['signed-in 1', 'refresh-started expiring 1', 'refresh-succeeded 2']);
    });
  });

  it('is refreshed by a tenth of its lifetime before the end at most', () => {
    marbles(({ flush }) => {
      const { refresh, api } = signedIn(100);
      at(89, () => {
        record(api.get$);
        expect(refresh).not.toHaveBeenCalled();
      });
      at(90, () => record(api.get$));
      flush();
      expect(refresh).toHaveBeenCalledTimes(1);
      expect(api.sent).toEqual(['access-1', 'access-2']);
    });
  });

  it('is refreshed as early as refreshLeewayMs says', () => {
    marbles(({ flush }) => {
      const { refresh, api } = signedIn(100 * minute, { refreshLeewayMs: 5 * minute });
      at(95 * minute - 1, () => {
        record(api.get$);
        expect(refresh).not.toHaveBeenCalled();
      });
      at(95 * minute, () => record(api.get$));
      flush();
      expect(refresh).toHaveBeenCalledTimes(1);
    });
  });

  it('fails nobody when that refresh fails, and is not refreshed again at once', () => {
    marbles(({ flush }) => {
      const { refresh, api, story } = signedIn(10 * minute, { refresh: () => throwError(() => new Error('offline')) });
      const outcomes: unknown[] = [];
      for (const ms of [575_000, 575_500, 575_999, 576_000]) at(ms, () => outcomes.push(record(api.get$).settled));
      flush();
      expect(outcomes).toEqual([1, 2, 3, 4].map(() => ({ kind: 'complete', values: ['access-1'] })));
      expect(refresh).toHaveBeenCalledTimes(2);
      expect(story().filter((it) => it === 'refresh-failed unavailable').length).toBe(2);
    });
  });

  it('holds who has it rejected while that refresh runs', () => {
    marbles(({ expectObservable, flush }) => {
      const { session, refresh } = signedIn(10 * minute, { refresh: () => after(100, tokensOf(2)) });
      const api = apiOf(session, accepting('access-2'));
      expectObservable(api.get$, '575s ^').toBe('575s 100ms (a|)', { a: 'access-2' });
      expectObservable(api.get$, '575s 50ms ^').toBe('575s 100ms (a|)', { a: 'access-2' });
      flush();
      expect([refresh.mock.calls.length, api.sent.length]).toEqual([1, 3]);
    });
  });

  it('ends the session when that refresh is refused', () => {
    marbles(({ flush }) => {
      const { api, session, story } = signedIn(10 * minute, {
        refresh: () =>
          timer(100).pipe(
            map(() => {
              throw refusal;
            }),
          ),
      });
      at(575_000, () => record(api.get$));
      flush();
      expect(session.state).toMatchObject({ status: 'signed-out', reason: 'expired' });
      expect(story().at(-1)).toBe('signed-out expired');
      expect(api.sent).toEqual(['access-1']);
    });
  });

  it('is not refreshed where there is nothing to refresh with', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ initial: null });
      void session.signIn({ accessToken: 'access-1', expiresAt: 1_000 });
      const api = apiOf(session, (token) => [String(token)]);
      at(950, () => record(api.get$));
      at(2_000, () => record(api.get$));
      flush();
      expect([refresh.mock.calls.length, api.sent]).toEqual([0, ['access-1', 'access-1']]);
    });
  });
});

describe('a token that is dead by the clock', () => {
  it('is not sent: requests wait for the refresh', () => {
    marbles(({ expectObservable, flush }) => {
      const { api, refresh } = signedIn(minute, { refresh: () => after(100, tokensOf(2)) });
      expectObservable(api.get$, '60s ^').toBe('60s 100ms (a|)', { a: 'access-2' });
      expectObservable(api.get$, '60s 50ms ^').toBe('60s 100ms (a|)', { a: 'access-2' });
      flush();
      expect(refresh.mock.calls).toMatchObject([[tokensOf(1), { reason: 'expiring' }]]);
      expect(api.sent).toEqual(['access-2', 'access-2']);
    });
  });

  it('holds requests also where it dies while it is refreshed', () => {
    marbles(({ expectObservable, flush }) => {
      const { api } = signedIn(minute, { refresh: () => after(10_000, tokensOf(2)) });
      expectObservable(api.get$, '55s ^').toBe('55s (a|)', { a: 'access-1' });
      expectObservable(api.get$, '59s 999ms ^').toBe('59s 999ms (a|)', { a: 'access-1' });
      expectObservable(api.get$, '60s ^').toBe('65s (a|)', { a: 'access-2' });
      flush();
    });
  });

  it('fails them when that refresh fails; those that follow at once get the same failure', () => {
    marbles(({ flush }) => {
      const { api, refresh } = signedIn(minute, { refresh: () => throwError(() => new Error('offline')) });
      const outcomes: unknown[] = [];
      for (const ms of [60_000, 60_999, 61_000]) at(ms, () => outcomes.push(record(api.get$).settled));
      flush();
      expect(outcomes).toMatchObject([1, 2, 3].map(() => ({ error: { reason: 'unavailable' } })));
      expect([api.sent, refresh.mock.calls.length]).toEqual([[], 2]);
    });
  });

  it('is believed to be dead where it comes from a store', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ initial: tokensOf(1, { expiresAt: -5_000 }) });
      const api = apiOf(session, accepting('access-2'));
      expect(record(api.get$).settled).toEqual({ kind: 'complete', values: ['access-2'] });
      flush();
      expect([api.sent, refresh.mock.calls.length]).toEqual([['access-2'], 1]);
    });
  });

  it('takes the whole leeway where it comes from a store', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ initial: tokensOf(1, { expiresAt: 40_000 }) });
      const api = apiOf(session, (token) => [String(token)]);
      at(9_999, () => {
        record(api.get$);
        expect(refresh).not.toHaveBeenCalled();
      });
      at(10_000, () => record(api.get$));
      flush();
      expect(refresh).toHaveBeenCalledTimes(1);
    });
  });
});

describe('a wrong clock', () => {
  it('makes no loop: a token that is dead on arrival is used until a 401', () => {
    marbles(({ flush }) => {
      let n = 1;
      const { session, refresh } = setUp({
        initial: null,
        refresh: () => of(tokensOf(++n, { expiresAt: asyncScheduler.now() - minute })),
      });
      void session.signIn(tokensOf(1, { expiresAt: 0 }));
      const api = apiOf(session, accepting('access-1'));
      for (let ms = 0; ms < 10_000; ms += 100) at(ms, () => record(api.get$));
      flush();
      expect(refresh).not.toHaveBeenCalled();
      expect(api.sent.length).toBe(100);
    });
  });

  it('costs one 401 and one refresh a token', () => {
    marbles(({ flush }) => {
      let n = 1;
      const { session, refresh } = setUp({
        initial: null,
        refresh: () => of(tokensOf(++n, { expiresAt: asyncScheduler.now() - minute })),
      });
      void session.signIn(tokensOf(1, { expiresAt: 0 }));
      const api = apiOf(session, accepting('access-2'));
      const outcomes: unknown[] = [];
      for (let ms = 0; ms < 1_000; ms += 100) at(ms, () => outcomes.push(record(api.get$).settled?.kind));
      flush();
      expect([refresh.mock.calls.length, api.sent.length, new Set(outcomes)]).toEqual([1, 11, new Set(['complete'])]);
    });
  });

  it('makes no loop with tokens that live a moment, either', () => {
    marbles(({ flush }) => {
      let n = 1;
      const { session, refresh } = setUp({
        initial: tokensOf(1, { expiresAt: -1 }),
        // Each is dead when its store has it, and when the requests that waited look at it.
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

  it('leaves it to the server to reject a token that was refreshed just now and is dead already', () => {
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

  it('makes no loop where a lock takes longer to release than a token lives', async () => {
    let n = 1;
    const { session, refresh } = setUp({
      refresh: () => of(tokensOf(++n, { expiresAt: Date.now() + 2 })),
      store: {
        ...memoryStore(tokensOf(1, { expiresAt: 1 })),
        lock: async (work) => {
          const result = await work();
          await new Promise((resolve) => setTimeout(resolve, 20));
          return result;
        },
      },
    });
    const api = apiOf(session, (token) => [String(token)]);
    expect((await record(api.get$).outcome).kind).toBe('complete');
    expect(refresh).toHaveBeenCalledTimes(1);
  });
});

describe('an idle session', () => {
  it('sets no timer, sends nothing and keeps nothing alive', () => {
    marbles(({ flush }) => {
      const { session, refresh } = signedIn(minute);
      flush();
      expect([asyncScheduler.now(), refresh.mock.calls.length]).toEqual([0, 0]);
      expect(session.state.status).toBe('signed-in');
    });
  });

  it('leaves no timer behind after a refresh', () => {
    marbles(({ flush }) => {
      const { api } = signedIn(minute, { refresh: () => after(100, tokensOf(2, { expiresAt: 10 * minute })) });
      at(minute, () => record(api.get$));
      flush();
      expect(asyncScheduler.now()).toBe(minute + 100);
    });
  });
});

describe('a 401 for a token that has died', () => {
  it('is refreshed also where it was made this recently', () => {
    marbles(({ flush }) => {
      let n = 1;
      const { session, refresh } = setUp({
        refresh: () => of(tokensOf(++n, { expiresAt: asyncScheduler.now() + 500 })),
      });
      record(session.refresh$);
      const api = apiOf(session, (token) =>
        token === 'access-3'
          ? [token]
          : timer(200).pipe(
              map(() => {
                throw unauthorized;
              }),
            ),
      );
      let one: ReturnType<typeof record> | undefined;
      at(400, () => (one = record(api.get$)));
      flush();
      expect(one?.expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-3'] });
      expect(refresh).toHaveBeenCalledTimes(2);
    });
  });
});
