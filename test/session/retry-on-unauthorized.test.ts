import { concat, concatMap, of, Subject, throwError } from 'rxjs';
import { retryOnUnauthorized, type TokenSet } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { internalsOf } from '../../src/session/session-internals.ts';
import { operatorLaws } from '../support/laws.ts';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { accepting, answer, apiOf, at, refusal, setUp, tokensOf, unauthorized, after, late } from './fixture.ts';

describe('retryOnUnauthorized', () => {
  operatorLaws(() => retryOnUnauthorized(setUp().session));
});

describe('for a request whose token is rejected', () => {
  it('resends it with the new token, and its subscriber notices nothing', () => {
    marbles(({ expectObservable, flush }) => {
      const { session, refresh, story } = setUp({ refresh: () => after(10) });
      const api = apiOf(session, accepting('access-2'));
      expectObservable(api.get$).toBe('10ms (a|)', { a: 'access-2' });
      flush();
      expect(api.sent).toEqual(['access-1', 'access-2']);
      expect(refresh.mock.calls).toMatchObject([[tokensOf(1), { reason: 'unauthorized' }]]);
      expect(story()).toEqual([
        'restored 1',
        'refresh-started unauthorized 1',
        'refresh-succeeded 2',
        'request-resent 2',
      ]);
    });
  });

  it('makes one refresh for a thousand requests', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ refresh: () => after(50) });
      const api = apiOf(session, (token, n) => (token === 'access-2' ? of(token) : late(n % 40)));
      const all = Array.from({ length: 1_000 }, () => record(api.get$));
      flush();
      expect(refresh).toHaveBeenCalledTimes(1);
      for (const one of all) expect(one.expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-2'] });
      expect(api.sent.length).toBe(2_000);
    });
  });

  it('accepts a refresh that returns a promise', async () => {
    const { session, refresh } = setUp({ refresh: async () => tokensOf(2) });
    const api = apiOf(session, (token) =>
      token === 'access-2' ? Promise.resolve(token) : Promise.reject(unauthorized),
    );
    const outcomes = await Promise.all([record(api.get$).outcome, record(api.get$).outcome]);
    expect(outcomes).toEqual([1, 2].map(() => ({ kind: 'complete', values: ['access-2'] })));
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('fails with the error of a failed refresh, and the session is kept', () => {
    const { session } = setUp({ refresh: () => throwError(() => new Error('offline')) });
    const api = apiOf(session, accepting());
    expect(record(api.get$).expectOneOutcome()).toMatchObject({ error: { name: 'RefreshFailedError' } });
    expect([api.sent, session.state.status]).toEqual([['access-1'], 'signed-in']);
  });

  it('fails with SessionExpiredError for all waiting requests, after the sign-out, when the refresh is refused', () => {
    marbles(({ flush }) => {
      const { session, refresh, story, store } = setUp({ refresh: () => late(10, refusal) });
      const api = apiOf(session, accepting());
      const seen: string[] = [];
      for (let n = 0; n < 3; n += 1)
        api.get$.subscribe({
          error: (error: unknown) => seen.push(`${(error as Error).name} ${session.state.status}`),
        });
      flush();
      expect(seen).toEqual([1, 2, 3].map(() => 'SessionExpiredError signed-out'));
      expect([refresh.mock.calls.length, store.get()]).toEqual([1, null]);
      expect(story().filter((it) => it.startsWith('signed-out'))).toEqual(['signed-out expired']);
    });
  });

  it('delivers the 401 when there is nothing to refresh with', () => {
    const { session, refresh, events } = setUp({ initial: { accessToken: 'access-1' } });
    const api = apiOf(session, accepting());
    expect(record(api.get$).expectOneOutcome()).toEqual({ kind: 'error', error: unauthorized, values: [] });
    expect([refresh.mock.calls.length, api.sent.length, events.length]).toEqual([0, 1, 1]);
  });

  it.each([answer(403), answer(500), new TypeError('Failed to fetch'), answer(407), { status: '401' }])(
    'passes on what is no 401: %s',
    (error) => {
      const { session, refresh } = setUp();
      const api = apiOf(session, () => throwError(() => error as Error));
      expect(record(api.get$).expectOneOutcome()).toEqual({ kind: 'error', error, values: [] });
      expect(refresh).not.toHaveBeenCalled();
    },
  );

  it('emits values of the first send, and then those of the next', () => {
    const { session } = setUp();
    const api = apiOf(session, (token) => (token === 'access-2' ? of('b') : concat(of('a'), late(0))));
    marbles(({ expectObservable }) => {
      expectObservable(api.get$).toBe('(ab|)');
    });
  });
});

describe('with a server that always answers 401', () => {
  it('sends a request twice with one refresh, and delivers the second 401', () => {
    const { session, refresh } = setUp();
    const api = apiOf(session, accepting());
    expect(record(api.get$).expectOneOutcome()).toEqual({ kind: 'error', error: unauthorized, values: [] });
    expect([api.sent, refresh.mock.calls.length]).toEqual([['access-1', 'access-2'], 1]);
  });

  it('makes a bounded number of refreshes, whatever the number of requests', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp();
      const api = apiOf(session, () => late(1));
      const all = Array.from({ length: 100 }, () => record(api.get$));
      flush();
      for (const one of all) expect(one.expectOneOutcome()).toMatchObject({ error: unauthorized });
      expect(refresh).toHaveBeenCalledTimes(1);
      expect(api.sent.length).toBe(200);
    });
  });

  it('sends a request three times at most: with a late 401 first, then rejected, then rejected again', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ minRefreshIntervalMs: 0 });
      const api = apiOf(session, () => late(10));
      const one = record(api.get$);
      at(5, () => record(session.refresh$));
      flush();
      expect(api.sent).toEqual(['access-1', 'access-2', 'access-3']);
      expect(refresh).toHaveBeenCalledTimes(2);
      expect(one.expectOneOutcome()).toMatchObject({ error: unauthorized });
    });
  });

  it('sends a request three times at most, however often others refresh meanwhile', () => {
    marbles(({ flush }) => {
      const { session } = setUp();
      const api = apiOf(session, () => late(10));
      const one = record(api.get$);
      for (const ms of [5, 15, 25, 35, 45]) at(ms, () => record(session.refresh$));
      flush();
      expect(api.sent).toEqual(['access-1', 'access-2', 'access-3']);
      expect(one.expectOneOutcome()).toMatchObject({ error: unauthorized });
    });
  });

  it('ends when the server answers synchronously within the notification of waiting requests', () => {
    const tokens$ = new Subject<TokenSet>();
    const { session, refresh } = setUp({ refresh: () => tokens$ });
    const api = apiOf(session, accepting());
    const all = [record(api.get$), record(api.get$)];
    tokens$.next(tokensOf(2));
    for (const one of all) expect(one.expectOneOutcome()).toMatchObject({ error: unauthorized });
    expect([refresh.mock.calls.length, api.sent]).toEqual([1, ['access-1', 'access-2', 'access-2']]);
  });

  it('starts no second refresh for a request that is made within the notification of waiting requests', () => {
    const tokens$ = new Subject<TokenSet>();
    const { session, refresh } = setUp({ refresh: () => tokens$ });
    const api = apiOf(session, accepting());
    const inner: ReturnType<typeof record>[] = [];
    api.get$.subscribe({ error: () => inner.push(record(api.get$)) });
    tokens$.next(tokensOf(2));
    expect(inner[0]?.expectOneOutcome()).toMatchObject({ error: unauthorized });
    expect(refresh).toHaveBeenCalledTimes(1);
  });
});

describe('each subscription to retryOnUnauthorized()', () => {
  it('may be resent as often as if it were the only one', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ minRefreshIntervalMs: 0 });
      const api = apiOf(session, (token, n) => (n % 2 === 0 ? [String(token)] : throwError(() => unauthorized)));
      const all = [1, 2, 3].map(() => record(api.get$));
      flush();
      expect(all.map((one) => one.expectOneOutcome().kind)).toEqual(['complete', 'complete', 'complete']);
      expect(refresh).toHaveBeenCalledTimes(3);
    });
  });

  it('cancels the request in flight, the first one or a resend', () => {
    marbles(({ cold, flush, expectSubscriptions }) => {
      const { session } = setUp();
      const [first, again] = [cold('--#', undefined, unauthorized), cold('------a')];
      const one = record(apiOf(session, (_token, n) => (n === 1 ? first : again)).get$);
      at(5, () => {
        one.unsubscribe();
      });
      flush();
      expectSubscriptions(first.subscriptions).toBe('^-!');
      expectSubscriptions(again.subscriptions).toBe('--^--!');
    });
  });

  it('works in a chain of operators', () => {
    const { session } = setUp();
    const api = apiOf(session, accepting('access-2'));
    expect(record(api.get$.pipe(concatMap(() => api.get$))).values).toEqual(['access-2']);
  });
});

describe('internalsOf', () => {
  it.each([undefined, null, {}, { state: {} }, 'session'])('throws for what is no session: %j', (value) => {
    expect(() => internalsOf(value as never)).toThrow(expect.objectContaining({ name: 'InvalidInputError' }));
    expect(() => retryOnUnauthorized(value as never)).toThrow(
      '`session` must be what createSession() returned; given: ',
    );
  });
});

describe('retryOnUnauthorized() with wrong options', () => {
  it.each([
    [401, '401'],
    [null, 'null'],
    [true, 'true'],
  ])('refuses %j for isUnauthorized, at the call', (isUnauthorized, given) => {
    const call = () => retryOnUnauthorized(setUp().session, { isUnauthorized } as never);
    expect(call).toThrow(`retryOnUnauthorized(): isUnauthorized takes a function; given: ${given}.`);
    expect(call).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });

  it('refuses an unknown option', () => {
    expect(() => retryOnUnauthorized(setUp().session, { isUnauthorised: () => true } as never)).toThrow(
      'retryOnUnauthorized() knows no isUnauthorised. It takes: isUnauthorized.',
    );
  });
});
