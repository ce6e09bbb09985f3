import { NEVER, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { record } from '../support/recorder.ts';
import { accepting, answer, apiOf, setUp, shared, tokensOf, unauthorized } from './fixture.ts';

describe('the memory of a failed refresh', () => {
  it('does not fail requests once another session on the same store has brought tokens by update()', () => {
    const { store, updateElsewhere } = shared();
    const results = [throwError(() => answer(503)), of(tokensOf(9))];
    const { session, refresh } = setUp({ store, refresh: () => results.shift() ?? NEVER, refreshRetries: false });
    const api = apiOf(session, accepting('access-9'));
    expect(record(api.get$).settled).toMatchObject({ error: { reason: 'unavailable' } });
    updateElsewhere(tokensOf(7));
    expect(record(api.get$).settled).toEqual({ kind: 'complete', values: ['access-9'] });
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it('does not prevent a 401 from joining a refresh that was started since', () => {
    const results = [throwError(() => answer(503)), NEVER];
    const { session, refresh } = setUp({ refresh: () => results.shift() ?? NEVER, refreshRetries: false });
    const answer$ = new Subject<string>();
    const joined = record(apiOf(session, () => answer$).get$);
    record(session.refresh$);
    record(session.refresh$);
    answer$.error(unauthorized);
    expect(joined.settled).toBeUndefined();
    expect(refresh).toHaveBeenCalledTimes(2);
    joined.unsubscribe();
  });
});

describe('the expiry of a token whose owner has signed out', () => {
  it('starts no refresh for requests while nobody is signed in', () => {
    const expired = tokensOf(1, { expiresAt: Date.now() - 1000 });
    const { session, refresh } = setUp({ initial: expired, canRefresh: () => true });
    void session.signOut();
    const api = apiOf(session, () => of('public'));
    expect(record(api.get$).settled).toEqual({ kind: 'complete', values: ['public'] });
    expect(refresh).not.toHaveBeenCalled();
  });
});
