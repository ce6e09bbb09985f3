import { asyncScheduler, map, of, throwError, timer } from 'rxjs';
import { type SessionOptions } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { accepting, apiOf, at, refusal, setUp, tokensOf, after } from './fixture.ts';

const minute = 60_000;
/** A session signed in at 0 with tokens of this lifetime. */
function signedIn(expiresAt: number, options: Partial<SessionOptions> = {}) {
  const all = setUp({ initial: null, ...options });
  void all.session.signIn(tokensOf(1, { expiresAt }));
  return { ...all, api: apiOf(all.session, (token) => [String(token)]) };
}

describe('a token close to its expiry', () => {
  it('is refreshed by the next request, which is sent with the old one', () => {
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

  it('is refreshed no earlier than a tenth of its lifetime before the end', () => {
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

  it('from a refresh is refreshed no earlier than a tenth of its lifetime before the end', () => {
    marbles(({ flush }) => {
      let n = 1;
      const { session, refresh } = setUp({
        refresh: () => of(tokensOf(++n, { expiresAt: asyncScheduler.now() + minute })),
      });
      record(session.refresh$);
      const api = apiOf(session, (token) => [String(token)]);
      at(54_000 - 1, () => {
        record(api.get$);
        expect(refresh).toHaveBeenCalledTimes(1);
      });
      at(54_000, () => record(api.get$));
      flush();
      expect([refresh.mock.calls.length, api.sent]).toEqual([2, ['access-2', 'access-3']]);
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

  it('fails no request when its refresh ahead of expiry fails, and is not refreshed again at once', () => {
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

  it('makes a request whose 401 arrives during the refresh ahead of expiry wait for that refresh', () => {
    marbles(({ expectObservable, flush }) => {
      const { session, refresh } = signedIn(10 * minute, { refresh: () => after(100, tokensOf(2)) });
      const api = apiOf(session, accepting('access-2'));
      expectObservable(api.get$, '575s ^').toBe('575s 100ms (a|)', { a: 'access-2' });
      expectObservable(api.get$, '575s 50ms ^').toBe('575s 100ms (a|)', { a: 'access-2' });
      flush();
      expect([refresh.mock.calls.length, api.sent.length]).toEqual([1, 3]);
    });
  });

  it('ends the session when its refresh ahead of expiry is refused', () => {
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

  it('is not refreshed when there is nothing to refresh with', () => {
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

  it('from a store is refreshed as early as refreshLeewayMs says, because its lifetime is unknown', () => {
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

describe('a token that is past `expiresAt`', () => {
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

  it('holds requests when it expires during its refresh', () => {
    marbles(({ expectObservable, flush }) => {
      const { api } = signedIn(minute, { refresh: () => after(10_000, tokensOf(2)) });
      expectObservable(api.get$, '55s ^').toBe('55s (a|)', { a: 'access-1' });
      expectObservable(api.get$, '59s 999ms ^').toBe('59s 999ms (a|)', { a: 'access-1' });
      expectObservable(api.get$, '60s ^').toBe('65s (a|)', { a: 'access-2' });
      flush();
    });
  });

  it('fails waiting requests when its refresh fails; later requests fail with the same error at once', () => {
    marbles(({ flush }) => {
      const { api, refresh } = signedIn(minute, { refresh: () => throwError(() => new Error('offline')) });
      const outcomes: unknown[] = [];
      for (const ms of [60_000, 60_999, 61_000]) at(ms, () => outcomes.push(record(api.get$).settled));
      flush();
      expect(outcomes).toMatchObject([1, 2, 3].map(() => ({ error: { reason: 'unavailable' } })));
      expect([api.sent, refresh.mock.calls.length]).toEqual([[], 2]);
    });
  });

  it('from a store is refreshed before the first send', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ initial: tokensOf(1, { expiresAt: -5_000 }) });
      const api = apiOf(session, accepting('access-2'));
      expect(record(api.get$).settled).toEqual({ kind: 'complete', values: ['access-2'] });
      flush();
      expect([api.sent, refresh.mock.calls.length]).toEqual([['access-2'], 1]);
    });
  });
});
