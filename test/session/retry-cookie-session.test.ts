import { of, throwError } from 'rxjs';
import { type SessionOptions } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { accepting, answer, apiOf, at, setUp, unauthorized, after, late, changed } from './fixture.ts';

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
      owner: expect.any(String),
    });
    expect(story()).toEqual(['refresh-started unauthorized 0', 'refresh-succeeded 1', 'request-resent 1']);
  });

  it('holds requests while a 401 restores it', () => {
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

  it('holds requests while refresh$ restores it', () => {
    marbles(({ flush }) => {
      const { session } = cookie({ refresh: () => after(10) });
      const api = apiOf(session, accepting('access-2'));
      record(session.refresh$);
      at(5, () => record(api.get$));
      flush();
      expect(api.sent).toEqual(['access-2']);
    });
  });

  it('stays signed out when it is refused, with SessionExpiredError and no sign-out event', () => {
    const { session, store, story } = cookie({ refresh: () => throwError(() => answer(401)) });
    const api = apiOf(session, accepting());
    expect(record(api.get$).expectOneOutcome()).toMatchObject({ error: { name: 'SessionExpiredError' } });
    expect(session.state).toMatchObject({ status: 'signed-out', tokens: null, owner: null });
    expect(story()).toEqual(['refresh-started unauthorized 0', 'refresh-failed rejected']);
    expect(store.get()).toBeNull();
  });

  it('is not requested again at once when it is refused', () => {
    const { session, refresh } = cookie({ refresh: () => throwError(() => answer(401)) });
    const api = apiOf(session, accepting());
    const all = [record(api.get$), record(api.get$)];
    for (const one of all) expect(one.expectOneOutcome()).toMatchObject({ error: { name: 'SessionExpiredError' } });
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('is requested by refresh$, and refreshed without a refresh token', () => {
    const { session, refresh } = cookie({ store: { get: () => ({ accessToken: 'access-1' }), set: () => {} } });
    record(session.refresh$);
    expect(refresh.mock.calls.map(([current]) => current)).toEqual([{ accessToken: 'access-1' }]);
  });

  it('is not restored when its owner signs out meanwhile', () => {
    marbles(({ flush }) => {
      const { session, story } = cookie({ refresh: () => after(10) });
      const api = apiOf(session, accepting('access-2'));
      const one = record(api.get$);
      at(5, () => session.signOut());
      flush();
      expect(one.expectOneOutcome()).toMatchObject({ error: changed });
      expect(session.state).toMatchObject({ status: 'signed-out', owner: null });
      expect(story().filter((it) => it.startsWith('signed-out'))).toEqual([]);
    });
  });

  it('fixes the owner of a restored request: a 401 after a sign-out is SessionChangedError', () => {
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
