import { map, NEVER, throwError, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { accepting, apiOf, at, refusal, setUp, tokensOf, unauthorized, late, changed } from './fixture.ts';

describe('a request whose owner has signed out or changed', () => {
  it.each([
    ['signOut', null],
    ['signIn', tokensOf('other')],
  ] as const)('fails with SessionChangedError when %s came while it waited', (call, tokens) => {
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

  it.each([null, tokensOf('other')])(
    'fails with SessionChangedError when the change came while it was in flight: %j',
    (tokens) => {
      marbles(({ flush }) => {
        const { session, refresh } = setUp();
        const api = apiOf(session, () => late(10));
        const one = record(api.get$);
        at(5, () => (tokens ? session.signIn(tokens) : session.signOut()));
        flush();
        expect(one.expectOneOutcome()).toMatchObject({ error: changed });
        expect([api.sent, refresh.mock.calls.length, session.state.tokens]).toEqual([['access-1'], 0, tokens]);
      });
    },
  );

  it('gets its response when that is no 401', () => {
    marbles(({ flush }) => {
      const { session } = setUp();
      const api = apiOf(session, (token) => timer(10).pipe(map(() => String(token))));
      const one = record(api.get$);
      at(5, () => session.signOut());
      flush();
      expect(one.expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-1'] });
    });
  });

  it('fails with SessionExpiredError when a refusal ended its session', () => {
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

  it('is never sent when the refresh ahead of expiry that it starts is refused synchronously', () => {
    marbles(({ flush }) => {
      const { session } = setUp({ refresh: () => throwError(() => refusal) });
      void session.signIn(tokensOf('b', { expiresAt: 100_000 }));
      const api = apiOf(session, () => ['sent']);
      let ahead: unknown;
      // The refresh runs ahead of expiry, and is refused synchronously.
      at(95_000, () => {
        ahead = record(api.get$).settled;
      });
      flush();
      expect(ahead).toMatchObject({ error: { name: 'SessionExpiredError' } });
      expect(api.sent).toEqual([]);
    });
  });

  it.each(['refresh-started', 'request-resent'])(
    'is never sent with another owner’s token when a listener of %s signs somebody else in',
    (within) => {
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
    },
  );

  it('fails when the session is disposed of', () => {
    const { session } = setUp({ refresh: () => NEVER });
    const api = apiOf(session, accepting());
    const waiting = record(api.get$);
    session.dispose();
    expect(waiting.expectOneOutcome()).toMatchObject({ error: changed });
    expect(record(api.get$).expectOneOutcome()).toMatchObject({ error: changed });
    expect(api.sent).toEqual(['access-1']);
  });
});

describe('a request without a token', () => {
  it('gets its 401 when somebody has signed in meanwhile', () => {
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

describe('a request without a token after a failed refresh', () => {
  it.each([
    ['for now', new Error('offline')],
    ['for good', refusal],
  ])(
    'gets its 401, and not the error of the refresh that failed %s, once the person has signed out',
    (_title, error) => {
      const { session, refresh } = setUp({ refresh: () => throwError(() => error) });
      record(session.refresh$);
      void session.signOut();
      const api = apiOf(session, accepting());
      expect(record(api.get$).expectOneOutcome()).toEqual({ kind: 'error', error: unauthorized, values: [] });
      expect(refresh).toHaveBeenCalledTimes(1);
    },
  );
});
