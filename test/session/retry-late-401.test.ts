import { NEVER, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { accepting, after, apiOf, at, late, setUp, shared, tokensOf } from './fixture.ts';

describe('a late 401', () => {
  it('causes a resend with the current token and no refresh', () => {
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

  it('joins the refresh in flight, whatever caused it', () => {
    marbles(({ expectObservable, flush }) => {
      const { session, refresh } = setUp({ refresh: () => after(10) });
      const api = apiOf(session, (token) => (token === 'access-2' ? of(token) : late(5)));
      expectObservable(api.get$).toBe('12ms (a|)', { a: 'access-2' });
      at(2, () => record(session.refresh$));
      flush();
      expect(refresh).toHaveBeenCalledTimes(1);
    });
  });

  it('causes a resend with another holder’s newer token', () => {
    marbles(({ flush }) => {
      const { store, write } = shared();
      const { session, refresh, story } = setUp({ store });
      const api = apiOf(session, (token) => (token === 'access-7' ? of(token) : late(10)));
      const one = record(api.get$);
      at(5, () => {
        write(tokensOf(7));
      });
      flush();
      expect(one.expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-7'] });
      expect(refresh).not.toHaveBeenCalled();
      expect(story()).toEqual(['restored 1', 'tokens-adopted 2', 'request-resent 2']);
    });
  });
});

describe('while a dead token is refreshed,', () => {
  it('no request is sent; afterwards all are sent with the new token', () => {
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

  it('a waiting request can be unsubscribed, and is never sent', () => {
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
      expect(store.get()).toMatchObject(tokensOf(2));
    });
  });

  it('unsubscribing all requests lets the refresh end and be stored', () => {
    marbles(({ flush }) => {
      const { session, store, refresh } = setUp({ refresh: () => after(10) });
      const api = apiOf(session, accepting('access-2'));
      const one = record(api.get$);
      at(5, () => {
        one.unsubscribe();
      });
      flush();
      expect([store.get(), session.state.tokens]).toMatchObject([tokensOf(2), tokensOf(2)]);
      expect(refresh.mock.calls[0]?.[1].signal.aborted).toBe(false);
      expect(api.sent).toEqual(['access-1']);
    });
  });

  it('waiting requests get the failure of the refresh, once each; a later request may try again', () => {
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

describe('while a token that still works is refreshed,', () => {
  it('requests are sent with it', () => {
    marbles(({ expectObservable, flush }) => {
      const { session } = setUp({ refresh: () => after(10) });
      const api = apiOf(session, accepting('access-1', 'access-2'));
      record(session.refresh$);
      expectObservable(api.get$).toBe('(a|)', { a: 'access-1' });
      expectObservable(api.get$, '10ms ^').toBe('10ms (a|)', { a: 'access-2' });
      flush();
    });
  });

  it('requests wait as soon as it is rejected', () => {
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
