import { concat, concatMap, defer, map, NEVER, of, Subject, throwError, timer, type Observable } from 'rxjs';
import { retryOnUnauthorized, type SessionOptions, type TokenSet } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { gateOf } from '../../src/session/gate.ts';
import { operatorLaws } from '../support/laws.ts';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { accepting, answer, apiOf, at, deferred, refusal, settle, setUp, tokensOf, unauthorized } from './fixture.ts';

const after = (ms: number, tokens: TokenSet = tokensOf(2)): Observable<TokenSet> => timer(ms).pipe(map(() => tokens));
const late = (ms: number, error: unknown = unauthorized): Observable<never> =>
  timer(ms).pipe(
    map(() => {
      throw error;
    }),
  );
const changed = expect.objectContaining({ name: 'SessionChangedError' }) as Error;

describe('retryOnUnauthorized', () => {
  operatorLaws(() => retryOnUnauthorized(setUp().session));
});

describe('a request whose token is rejected', () => {
  it('is sent again with the new token, unaware', () => {
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

  it('waits with all others behind one refresh: a thousand', () => {
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

  it('works with a promise that refreshes', async () => {
    const { session, refresh } = setUp({ refresh: async () => tokensOf(2) });
    const api = apiOf(session, (token) =>
      token === 'access-2' ? Promise.resolve(token) : Promise.reject(unauthorized),
    );
    const outcomes = await Promise.all([record(api.get$).outcome, record(api.get$).outcome]);
    expect(outcomes).toEqual([1, 2].map(() => ({ kind: 'complete', values: ['access-2'] })));
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('fails as the refresh fails, and the session is kept', () => {
    const { session } = setUp({ refresh: () => throwError(() => new Error('offline')) });
    const api = apiOf(session, accepting());
    expect(record(api.get$).expectOneOutcome()).toMatchObject({ error: { name: 'RefreshFailedError' } });
    expect([api.sent, session.state.status]).toEqual([['access-1'], 'signed-in']);
  });

  it('fails with SessionExpiredError where the refresh is refused, as all that wait, after the sign-out', () => {
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

  it('keeps its 401 where there is nothing to refresh with', () => {
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

  it('may have given values before; those of the next send follow', () => {
    const { session } = setUp();
    const api = apiOf(session, (token) => (token === 'access-2' ? of('b') : concat(of('a'), late(0))));
    marbles(({ expectObservable }) => {
      expectObservable(api.get$).toBe('(ab|)');
    });
  });
});

describe('a server that always answers 401', () => {
  it('sees a request twice and one refresh; the second 401 is the caller’s', () => {
    const { session, refresh } = setUp();
    const api = apiOf(session, accepting());
    expect(record(api.get$).expectOneOutcome()).toEqual({ kind: 'error', error: unauthorized, values: [] });
    expect([api.sent, refresh.mock.calls.length]).toEqual([['access-1', 'access-2'], 1]);
  });

  it('sees a bounded number of refreshes, whatever the number of requests', () => {
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

  it('sees a request three times at most: first late, then rejected, then rejected again', () => {
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

  it('sees a request three times at most, however often others refresh meanwhile', () => {
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

  it('is stopped also where it answers within the notification that wakes the waiters', () => {
    const tokens$ = new Subject<TokenSet>();
    const { session, refresh } = setUp({ refresh: () => tokens$ });
    const api = apiOf(session, accepting());
    const all = [record(api.get$), record(api.get$)];
    tokens$.next(tokensOf(2));
    for (const one of all) expect(one.expectOneOutcome()).toMatchObject({ error: unauthorized });
    expect([refresh.mock.calls.length, api.sent]).toEqual([1, ['access-1', 'access-2', 'access-2']]);
  });

  it('gets no second refresh from a request made within that notification', () => {
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

describe('a late 401', () => {
  it('is answered with the current token and no refresh', () => {
    marbles(({ expectObservable, flush }) => {
      const { session, refresh, story } = setUp();
      const api = apiOf(session, (token) => (token === 'access-2' ? of(token) : late(10)));
      expectObservable(api.get$).toBe('10ms (a|)', { a: 'access-2' });
      at(5, () => record(session.refresh$));
      flush();
      expect(refresh).toHaveBeenCalledTimes(1);
      expect(story().slice(-2)).toEqual(['refresh-succeeded 2', 'request-resent 2']);
    });
  });

  it('joins the refresh in flight, whoever asked for it', () => {
    marbles(({ expectObservable, flush }) => {
      const { session, refresh } = setUp({ refresh: () => after(10) });
      const api = apiOf(session, (token) => (token === 'access-2' ? of(token) : late(5)));
      expectObservable(api.get$).toBe('12ms (a|)', { a: 'access-2' });
      at(2, () => record(session.refresh$));
      flush();
      expect(refresh).toHaveBeenCalledTimes(1);
    });
  });

  it('for another holder’s newer token is answered with that', () => {
    marbles(({ flush }) => {
      const changes$ = new Subject<TokenSet | null>();
      let held: TokenSet | null = tokensOf(1);
      const store = { get: () => held, set: (tokens: TokenSet | null) => void (held = tokens), changes$ };
      const { session, refresh, story } = setUp({ store });
      const api = apiOf(session, (token) => (token === 'access-7' ? of(token) : late(10)));
      const one = record(api.get$);
      at(5, () => {
        changes$.next((held = tokensOf(7)));
      });
      flush();
      expect(one.expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-7'] });
      expect(refresh).not.toHaveBeenCalled();
      expect(story()).toEqual(['restored 1', 'tokens-adopted 2', 'request-resent 2']);
    });
  });
});

describe('while a dead token is refreshed', () => {
  it('nothing goes out; then everything does, with the new one', () => {
    marbles(({ expectObservable, flush }) => {
      const { session } = setUp({ refresh: () => after(10) });
      const api = apiOf(session, accepting('access-2'));
      expectObservable(api.get$).toBe('10ms (a|)', { a: 'access-2' });
      expectObservable(api.get$, '5ms ^').toBe('10ms (a|)', { a: 'access-2' });
      at(9, () => {
        expect(api.sent).toEqual(['access-1']);
      });
      flush();
      expect(api.sent).toEqual(['access-1', 'access-2', 'access-2']);
    });
  });

  it('a request that waits can leave at once, and is never sent', () => {
    marbles(({ flush }) => {
      const { session, store } = setUp({ refresh: () => after(10) });
      const api = apiOf(session, accepting('access-2'));
      const [dead, waiting, staying] = [record(api.get$), record(api.get$), record(api.get$)];
      at(5, () => {
        dead.unsubscribe();
        waiting.unsubscribe();
      });
      flush();
      expect([dead.events, waiting.events]).toEqual([[], []]);
      expect(staying.settled?.kind).toBe('complete');
      expect(api.sent).toEqual(['access-1', 'access-2']);
      expect(store.get()).toEqual(tokensOf(2));
    });
  });

  it('all may leave: the refresh still ends and is stored', () => {
    marbles(({ flush }) => {
      const { session, store, refresh } = setUp({ refresh: () => after(10) });
      const api = apiOf(session, accepting('access-2'));
      const one = record(api.get$);
      at(5, () => {
        one.unsubscribe();
      });
      flush();
      expect([store.get(), session.state.tokens]).toEqual([tokensOf(2), tokensOf(2)]);
      expect(refresh.mock.calls[0]?.[1].signal.aborted).toBe(false);
      expect(api.sent).toEqual(['access-1']);
    });
  });

  it('those that wait get its failure, once each; a later request may try again', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ minRefreshIntervalMs: 0 });
      refresh.mockReturnValueOnce(late(10, new Error('offline')));
      const api = apiOf(session, accepting('access-2'));
      const all = [record(api.get$), record(api.get$)];
      flush();
      for (const one of all) expect(one.expectOneOutcome()).toMatchObject({ error: { reason: 'unavailable' } });
      expect(api.sent).toEqual(['access-1']);
      expect(record(api.get$).expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-2'] });
    });
  });
});

describe('while a token that works is refreshed', () => {
  it('requests go out with it', () => {
    marbles(({ expectObservable, flush }) => {
      const { session } = setUp({ refresh: () => after(10) });
      const api = apiOf(session, accepting('access-1', 'access-2'));
      record(session.refresh$);
      expectObservable(api.get$).toBe('(a|)', { a: 'access-1' });
      expectObservable(api.get$, '10ms ^').toBe('10ms (a|)', { a: 'access-2' });
      flush();
    });
  });

  it('they wait from the moment on that it is rejected', () => {
    marbles(({ expectObservable, flush }) => {
      const { session, refresh } = setUp({ refresh: () => after(10) });
      const api = apiOf(session, (token, n) => (token === 'access-2' ? of(token) : n === 1 ? late(3) : NEVER));
      record(session.refresh$);
      expectObservable(api.get$).toBe('10ms (a|)', { a: 'access-2' });
      expectObservable(api.get$, '5ms ^').toBe('10ms (a|)', { a: 'access-2' });
      flush();
      expect([refresh.mock.calls.length, api.sent]).toEqual([1, ['access-1', 'access-2', 'access-2']]);
    });
  });
});

describe('minRefreshIntervalMs', () => {
  it('gives the 401 of a token that was refreshed this recently to its caller', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp();
      const api = apiOf(session, accepting());
      record(session.refresh$);
      let recent: unknown;
      at(999, () => {
        recent = record(api.get$).settled;
      });
      at(1_000, () => record(api.get$));
      flush();
      expect(recent).toMatchObject({ error: unauthorized });
      expect(api.sent).toEqual(['access-2', 'access-2', 'access-3']);
      expect(refresh).toHaveBeenCalledTimes(2);
    });
  });

  it('gives the failure of a refresh this recent, and does not try again', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ refresh: () => throwError(() => new Error('offline')) });
      const api = apiOf(session, accepting());
      const first = record(api.get$);
      let recent: unknown;
      at(999, () => {
        recent = record(api.get$).settled;
        expect(refresh).toHaveBeenCalledTimes(1);
      });
      at(1_000, () => record(api.get$));
      flush();
      expect(first.settled).toMatchObject({ error: { reason: 'unavailable' } });
      expect(recent).toEqual(first.settled);
      expect(refresh).toHaveBeenCalledTimes(2);
    });
  });

  it('holds for one generation: another sign-in refreshes at once', () => {
    const { session, refresh } = setUp();
    const api = apiOf(session, accepting());
    record(session.refresh$);
    void session.signIn(tokensOf('other'));
    record(api.get$);
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it('does not bind refresh$: a person may try again at any time', () => {
    const { session, refresh } = setUp({ refresh: () => throwError(() => new Error('offline')) });
    record(session.refresh$);
    record(session.refresh$);
    expect(refresh).toHaveBeenCalledTimes(2);
  });
});

describe('a refresh that gives the rejected token again', () => {
  it('fails as same-token, and nothing is sent again', () => {
    const { session, store } = setUp({ refresh: () => of({ accessToken: 'access-1', refreshToken: 'refresh-2' }) });
    const api = apiOf(session, accepting());
    expect(record(api.get$).expectOneOutcome()).toMatchObject({
      error: { name: 'RefreshFailedError', reason: 'same-token' },
    });
    expect([api.sent.length, session.state.generation]).toEqual([1, 1]);
    expect(store.get()).toEqual(tokensOf(1));
  });
});

describe('a request whose owner has gone', () => {
  it.each([
    ['signOut', null],
    ['signIn', tokensOf('other')],
  ] as const)('gets SessionChangedError where %s came while it waited', (call, tokens) => {
    marbles(({ flush }) => {
      const { session } = setUp({ refresh: () => NEVER });
      const api = apiOf(session, accepting('access-other'));
      const all = [record(api.get$), record(api.get$)];
      at(5, () => (tokens ? session.signIn(tokens) : session.signOut()));
      at(5, () => {
        for (const one of all) expect(one.expectOneOutcome()).toMatchObject({ error: changed });
      });
      flush();
      expect([call, api.sent]).toEqual([call, ['access-1']]);
    });
  });

  it.each([null, tokensOf('other')])('gets it where that came while it was in flight: %j', (tokens) => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp();
      const api = apiOf(session, () => late(10));
      const one = record(api.get$);
      at(5, () => (tokens ? session.signIn(tokens) : session.signOut()));
      flush();
      expect(one.expectOneOutcome()).toMatchObject({ error: changed });
      expect([api.sent, refresh.mock.calls.length, session.state.tokens]).toEqual([['access-1'], 0, tokens]);
    });
  });

  it('gets its answer where that is no 401', () => {
    marbles(({ flush }) => {
      const { session } = setUp();
      const api = apiOf(session, (token) => timer(10).pipe(map(() => String(token))));
      const one = record(api.get$);
      at(5, () => session.signOut());
      flush();
      expect(one.expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-1'] });
    });
  });

  it('gets SessionExpiredError where its session was ended by a refusal', () => {
    marbles(({ flush }) => {
      const { session } = setUp({ refresh: () => throwError(() => refusal) });
      const api = apiOf(session, (_token, n) => late(n * 10));
      const [first, second] = [record(api.get$), record(api.get$)];
      at(15, () => session.signIn(tokensOf('other')));
      flush();
      expect(first.expectOneOutcome()).toMatchObject({ error: { name: 'SessionExpiredError', cause: refusal } });
      expect(second.expectOneOutcome()).toMatchObject({ error: { name: 'SessionExpiredError', cause: refusal } });
      expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf('other') });
    });
  });

  it('is never sent where the refresh ahead of expiry that it starts is refused at once', () => {
    marbles(({ flush }) => {
      const { session } = setUp({ refresh: () => throwError(() => refusal) });
      void session.signIn(tokensOf('b', { expiresAt: 100_000 }));
      const api = apiOf(session, () => ['sent']);
      let ahead: unknown;
      // Ahead of expiry, and refused at once.
      at(95_000, () => {
        ahead = record(api.get$).settled;
      });
      flush();
      expect(ahead).toMatchObject({ error: { name: 'SessionExpiredError' } });
      expect(api.sent).toEqual([]);
    });
  });

  it.each(['refresh-started', 'request-resent'])('is never sent with another’s token: sign-in within %s', (within) => {
    marbles(({ flush }) => {
      const { session } = setUp();
      session.events$.subscribe(({ type }) => {
        if (type === within) void session.signIn(tokensOf('other'));
      });
      const api = apiOf(session, accepting('access-other', 'access-2'));
      const one = record(api.get$);
      flush();
      expect(one.expectOneOutcome()).toMatchObject({ error: changed });
      expect(api.sent).toEqual(['access-1']);
    });
  });

  it('hears of dispose', () => {
    const { session } = setUp({ refresh: () => NEVER });
    const api = apiOf(session, accepting());
    const waiting = record(api.get$);
    session.dispose();
    expect(waiting.expectOneOutcome()).toMatchObject({ error: changed });
    expect(record(api.get$).expectOneOutcome()).toMatchObject({ error: changed });
    expect(api.sent).toEqual(['access-1']);
  });
});

describe('an anonymous request', () => {
  it('keeps its own 401 when someone has signed in meanwhile', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ initial: null });
      const api = apiOf(session, () => late(10));
      const one = record(api.get$);
      at(5, () => session.signIn(tokensOf(1)));
      flush();
      expect(one.expectOneOutcome()).toEqual({ kind: 'error', error: unauthorized, values: [] });
      expect([api.sent, refresh.mock.calls.length]).toEqual([[undefined], 0]);
    });
  });
});

describe('an anonymous request after a refresh that failed', () => {
  it.each([
    ['and the sign-out that followed', new Error('offline')],
    ['for good', refusal],
  ])('keeps its own 401: %s', (_title, error) => {
    const { session, refresh } = setUp({ refresh: () => throwError(() => error) });
    record(session.refresh$);
    void session.signOut();
    const api = apiOf(session, accepting());
    expect(record(api.get$).expectOneOutcome()).toEqual({ kind: 'error', error: unauthorized, values: [] });
    expect(refresh).toHaveBeenCalledTimes(1);
  });
});

describe('a cookie session', () => {
  const cookie = (options: Partial<SessionOptions> = {}) =>
    setUp({ initial: null, canRefresh: () => true, refresh: () => of({ accessToken: 'access-2' }), ...options });

  it('is restored by a 401 while signed out, for the same owner', () => {
    const { session, refresh, story } = cookie();
    const api = apiOf(session, accepting('access-2'));
    expect(record(api.get$).expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-2'] });
    expect(refresh.mock.calls.map(([current]) => current)).toEqual([null]);
    expect(session.state).toEqual({
      status: 'signed-in',
      tokens: { accessToken: 'access-2' },
      generation: 1,
      epoch: 0,
    });
    expect(story()).toEqual(['refresh-started unauthorized 0', 'refresh-succeeded 1', 'request-resent 1']);
  });

  it('holds what comes meanwhile', () => {
    marbles(({ flush }) => {
      const { session, refresh } = cookie({ refresh: () => after(10) });
      const api = apiOf(session, accepting('access-2'));
      record(api.get$);
      at(5, () => record(api.get$));
      flush();
      expect(api.sent).toEqual([undefined, 'access-2', 'access-2']);
      expect(refresh).toHaveBeenCalledTimes(1);
    });
  });

  it('holds what comes while refresh$ restores it, too', () => {
    marbles(({ flush }) => {
      const { session } = cookie({ refresh: () => after(10) });
      const api = apiOf(session, accepting('access-2'));
      record(session.refresh$);
      at(5, () => record(api.get$));
      flush();
      expect(api.sent).toEqual(['access-2']);
    });
  });

  it('that is refused stays signed out, with SessionExpiredError and no sign-out', () => {
    const { session, store, story } = cookie({ refresh: () => throwError(() => answer(401)) });
    const api = apiOf(session, accepting());
    expect(record(api.get$).expectOneOutcome()).toMatchObject({ error: { name: 'SessionExpiredError' } });
    expect(session.state).toMatchObject({ status: 'signed-out', tokens: null, epoch: 0 });
    expect(story()).toEqual(['refresh-started unauthorized 0', 'refresh-failed rejected']);
    expect(store.get()).toBeNull();
  });

  it('that is refused is not asked again at once', () => {
    const { session, refresh } = cookie({ refresh: () => throwError(() => answer(401)) });
    const api = apiOf(session, accepting());
    const all = [record(api.get$), record(api.get$)];
    for (const one of all) expect(one.expectOneOutcome()).toMatchObject({ error: { name: 'SessionExpiredError' } });
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('is asked by refresh$, too, and refreshed without a refresh token', () => {
    const { session, refresh } = cookie({ store: { get: () => ({ accessToken: 'access-1' }), set: () => {} } });
    record(session.refresh$);
    expect(refresh.mock.calls.map(([current]) => current)).toEqual([{ accessToken: 'access-1' }]);
  });

  it('whose owner signs out while it is restored is not', () => {
    marbles(({ flush }) => {
      const { session, story } = cookie({ refresh: () => after(10) });
      const api = apiOf(session, accepting('access-2'));
      const one = record(api.get$);
      at(5, () => session.signOut());
      flush();
      expect(one.expectOneOutcome()).toMatchObject({ error: changed });
      expect(session.state).toMatchObject({ status: 'signed-out', epoch: 1 });
      expect(story().filter((it) => it.startsWith('signed-out'))).toEqual([]);
    });
  });

  it('sends a restored request for its owner: a 401 after a sign-out is SessionChangedError', () => {
    marbles(({ flush }) => {
      const { session } = cookie();
      const api = apiOf(session, (token) => (token ? late(10) : throwError(() => unauthorized)));
      const one = record(api.get$);
      at(5, () => session.signOut());
      flush();
      expect(one.expectOneOutcome()).toMatchObject({ error: changed });
    });
  });
});

describe('canRefresh', () => {
  it('that throws means no, and is reported', () => {
    const { session, story, refresh } = setUp({
      canRefresh: () => {
        throw new Error('oops');
      },
    });
    const api = apiOf(session, accepting());
    expect(record(api.get$).expectOneOutcome()).toMatchObject({ error: unauthorized });
    expect(story()).toEqual(['restored 1', 'callback-failed canRefresh']);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('is asked with the tokens', () => {
    const canRefresh = vi.fn(() => false);
    const { session } = setUp({ canRefresh });
    record(session.refresh$);
    expect(canRefresh.mock.calls).toEqual([[tokensOf(1)]]);
  });
});

describe('a challenge', () => {
  const challenged = (header: string) => {
    const all = setUp();
    const api = apiOf(all.session, (token) =>
      token === 'access-2' ? ['fine'] : throwError(() => answer(401, { 'www-authenticate': header })),
    );
    return { ...all, outcome: record(api.get$).expectOneOutcome() };
  };

  it.each([
    'Bearer realm="x"',
    'Bearer error="invalid_token"',
    'DPoP error="use_dpop_nonce", Bearer error="invalid_token"',
    'Bearer realm="say error=insufficient_scope"',
  ])('that a refresh heals is healed: %s', (header) => {
    expect(challenged(header).outcome).toEqual({ kind: 'complete', values: ['fine'] });
  });

  it.each([
    ['Bearer error="insufficient_user_authentication", max_age=5', 'insufficient_user_authentication'],
    ['Basic realm="error=", Bearer error="insufficient_scope"', 'insufficient_scope'],
    ['Bearer error=""', ''],
  ])('that names another cause starts no refresh, and is told: %s', (header, error) => {
    const { outcome, refresh, events } = challenged(header);
    expect(outcome).toMatchObject({ kind: 'error', error: { status: 401 } });
    expect(refresh).not.toHaveBeenCalled();
    expect(events.at(-1)).toEqual({ type: 'challenged', error });
  });
});

describe('a 401 that comes as a value', () => {
  const fetched = (session: ReturnType<typeof setUp>['session'], headers = {}) =>
    defer(() =>
      of(
        session.state.tokens?.accessToken === 'access-2'
          ? new Response('fine')
          : new Response('no', { status: 401, headers }),
      ),
    ).pipe(retryOnUnauthorized(session));

  it('is healed', async () => {
    const { session, refresh } = setUp();
    const outcome = record(fetched(session)).expectOneOutcome();
    expect(await outcome.values[0]?.text()).toBe('fine');
    expect([outcome.kind, outcome.values.length, refresh.mock.calls.length]).toEqual(['complete', 1, 1]);
  });

  it('is given as it is where no refresh can heal it, and its body can be read', async () => {
    const { session } = setUp({ initial: { accessToken: 'access-1' } });
    const outcome = record(fetched(session)).expectOneOutcome();
    expect([outcome.kind, outcome.values[0]?.status, await outcome.values[0]?.text()]).toEqual(['complete', 401, 'no']);
  });

  it('is read for its challenge', () => {
    const { session, refresh } = setUp();
    const outcome = record(fetched(session, { 'WWW-Authenticate': 'Bearer error="x"' })).expectOneOutcome();
    expect([outcome.values[0]?.status, refresh.mock.calls.length]).toEqual([401, 0]);
  });

  it('is a 401 of a fetch Response only: a body may well have a `status`', () => {
    const { session, refresh } = setUp();
    const body = { status: 401 };
    expect(record(of(body).pipe(retryOnUnauthorized(session))).values).toEqual([body]);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('is none where there is no fetch', () => {
    vi.stubGlobal('Response', undefined);
    try {
      expect(record(of({ status: 401 }).pipe(retryOnUnauthorized(setUp().session))).values).toEqual([{ status: 401 }]);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('of an old owner is SessionChangedError', () => {
    marbles(({ flush }) => {
      const { session } = setUp();
      const source$ = timer(10).pipe(map(() => new Response('no', { status: 401 })));
      const one = record(source$.pipe(retryOnUnauthorized(session)));
      at(5, () => session.signOut());
      flush();
      expect(one.expectOneOutcome()).toMatchObject({ error: changed });
    });
  });
});

describe('isUnauthorized', () => {
  it('decides over errors and values in place of the default', () => {
    const { session, refresh } = setUp();
    const isUnauthorized = vi.fn((outcome: unknown) => outcome === 'UNAUTHENTICATED');
    let n = 0;
    const source$ = defer(() => of(n++ === 0 ? 'UNAUTHENTICATED' : 'fine'));
    expect(record(source$.pipe(retryOnUnauthorized(session, { isUnauthorized }))).values).toEqual(['fine']);
    expect(isUnauthorized.mock.calls).toEqual([['UNAUTHENTICATED'], ['fine']]);
    expect(refresh).toHaveBeenCalledTimes(1);
    const failing$ = throwError(() => unauthorized).pipe(retryOnUnauthorized(session, { isUnauthorized }));
    expect(record(failing$).settled).toMatchObject({ error: unauthorized });
    expect(isUnauthorized).toHaveBeenLastCalledWith(unauthorized);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('that throws means no', () => {
    const { session, refresh } = setUp();
    const isUnauthorized = (): boolean => {
      throw new Error('oops');
    };
    expect(record(of('a', 'b').pipe(retryOnUnauthorized(session, { isUnauthorized }))).settled).toEqual({
      kind: 'complete',
      values: ['a', 'b'],
    });
    expect(
      record(throwError(() => unauthorized).pipe(retryOnUnauthorized(session, { isUnauthorized }))).settled,
    ).toEqual({ kind: 'error', error: unauthorized, values: [] });
    expect(refresh).not.toHaveBeenCalled();
  });

  it('is not asked about the session’s own errors', () => {
    const isUnauthorized = vi.fn((outcome: unknown) => outcome === unauthorized);
    const { session } = setUp({ refresh: () => throwError(() => new Error('offline')) });
    const one = record(throwError(() => unauthorized).pipe(retryOnUnauthorized(session, { isUnauthorized })));
    expect(one.expectOneOutcome()).toMatchObject({ error: { name: 'RefreshFailedError' } });
    expect(isUnauthorized.mock.calls).toEqual([[unauthorized]]);
  });
});

describe('a request of the refresh itself', () => {
  it('made synchronously in `refresh` goes out at once, and its 401 is its own', () => {
    const inner: unknown[] = [];
    const all = setUp({
      refresh: () => {
        const request = record(apiOf(all.session, accepting()).get$);
        inner.push(request.settled);
        return of(tokensOf(2));
      },
    });
    const api = apiOf(all.session, accepting('access-2'));
    expect(record(api.get$).expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-2'] });
    expect(inner).toMatchObject([{ kind: 'error', error: unauthorized }]);
    expect(all.refresh).toHaveBeenCalledTimes(1);
  });

  it('subscribed to as what `refresh` gives is one, too, at each try', () => {
    marbles(({ flush }) => {
      let tries = 0;
      const all = setUp({
        refresh: () =>
          defer(() => (tries++ === 0 ? throwError(() => answer(503)) : of(null))).pipe(
            retryOnUnauthorized(all.session),
            map(() => tokensOf(2)),
          ),
        refreshRetries: { jitter: 0 },
      });
      const one = record(all.session.refresh$);
      flush();
      expect(one.expectOneOutcome()).toEqual({ kind: 'complete', values: [tokensOf(2)] });
      expect(tries).toBe(2);
    });
  });

  it('is known by the very signal', async () => {
    const gate = deferred<TokenSet>();
    const { session, refresh } = setUp({ refresh: () => gate.promise });
    const { isRefreshItself } = gateOf(session);
    expect(isRefreshItself(undefined)).toBe(false);
    const one = record(session.refresh$);
    const signal = refresh.mock.calls[0]?.[1].signal;
    expect([isRefreshItself(signal), isRefreshItself(), isRefreshItself(new AbortController().signal)]).toEqual([
      true,
      false,
      false,
    ]);
    gate.resolve(tokensOf(2));
    await one.outcome;
    expect(isRefreshItself()).toBe(false);
  });

  it.each<[string, () => ReturnType<SessionOptions['refresh']>]>([
    ['gives tokens at once', () => of(tokensOf(2))],
    ['gives an error at once', () => throwError(() => new Error('offline'))],
    ['gives nothing', () => []],
    [
      'throws',
      () => {
        throw new Error('offline');
      },
    ],
  ])('is none of those that wait for it, also where it %s', (_title, refresh) => {
    const seen: boolean[] = [];
    const { session } = setUp({ refresh });
    const note = (): void => {
      seen.push(gateOf(session).isRefreshItself());
    };
    session.refresh$.subscribe({ next: note, error: note, complete: note });
    expect(seen).not.toContain(true);
    expect(seen.length).toBeGreaterThan(0);
  });

  it('that waits for itself after an await ends at the timeout, which says why', async () => {
    const all = setUp({
      refresh: async () => {
        await Promise.resolve();
        await record(apiOf(all.session, accepting()).get$).outcome;
        return tokensOf(2);
      },
      refreshTimeoutMs: 10,
    });
    const api = apiOf(all.session, accepting());
    expect(await record(api.get$).outcome).toMatchObject({
      error: { reason: 'timeout', message: expect.stringContaining('signal') },
    });
    await settle();
  });
});

describe('a subscription', () => {
  it('is a request of its own: a second one has tries of its own', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ minRefreshIntervalMs: 0 });
      const api = apiOf(session, (token, n) => (n % 2 === 0 ? [String(token)] : throwError(() => unauthorized)));
      const all = [1, 2, 3].map(() => record(api.get$));
      flush();
      expect(all.map((one) => one.expectOneOutcome().kind)).toEqual(['complete', 'complete', 'complete']);
      expect(refresh).toHaveBeenCalledTimes(3);
    });
  });

  it('cancels the request that is in flight, first or again', () => {
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

  it('can be one of a chain', () => {
    const { session } = setUp();
    const api = apiOf(session, accepting('access-2'));
    expect(record(api.get$.pipe(concatMap(() => api.get$))).values).toEqual(['access-2']);
  });
});

describe('gateOf', () => {
  it.each([undefined, null, {}, { state: {} }, 'session'])('refuses what is no session: %j', (value) => {
    expect(() => gateOf(value as never)).toThrow(expect.objectContaining({ name: 'InvalidInputError' }));
    expect(() => retryOnUnauthorized(value as never)).toThrow('`session` must be what createSession() returned.');
  });
});
