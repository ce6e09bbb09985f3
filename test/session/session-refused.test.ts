import { EMPTY, NEVER, throwError } from 'rxjs';
import { SessionExpiredError } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { refusal, settle, setUp, tokensOf } from './fixture.ts';

describe('a refused refresh', () => {
  it('signs out before any listener is called, empties the store, and is reported once', () => {
    const { session, store, states, story } = setUp({ refresh: () => throwError(() => refusal) });
    const seen: unknown[] = [];
    session.refresh$.subscribe({
      error: (error: unknown) => {
        seen.push((error as Error).name, session.state, store.get());
      },
    });
    const signedOut = { status: 'signed-out', tokens: null, generation: 1, owner: null, reason: 'expired' };
    expect(seen).toEqual(['SessionExpiredError', signedOut, null]);
    expect(states.at(-1)).toEqual(signedOut);
    expect(story()).toEqual([
      'restored 1',
      'refresh-started requested 1',
      'refresh-failed rejected',
      'signed-out expired',
    ]);
  });

  it('fails with SessionExpiredError, whose cause is the refusal', () => {
    const { session } = setUp({ refresh: () => throwError(() => refusal) });
    expect(record(session.refresh$).settled).toMatchObject({ error: { cause: refusal } });
  });

  it('may be refused by a SessionExpiredError of the app', () => {
    const mine = new SessionExpiredError('The person closed the dialog.');
    const { session } = setUp({ refresh: () => throwError(() => mine) });
    expect(record(session.refresh$).settled).toEqual({ kind: 'error', error: mine, values: [] });
    expect(session.state.status).toBe('signed-out');
  });

  it('does not end a session that a listener of `refresh-failed` has started', async () => {
    const { session, store, story } = setUp({ refresh: () => throwError(() => refusal) });
    session.events$.subscribe(({ type }) => {
      if (type === 'refresh-failed') void session.signIn(tokensOf('other'));
    });
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ error: { name: 'SessionExpiredError' } });
    await settle();
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf('other') });
    expect(store.get()).toMatchObject(tokensOf('other'));
    expect(story().slice(-2)).toEqual(['refresh-failed rejected', 'signed-in 2']);
  });

  it.each(['signOut', 'signIn'] as const)(
    'does not undo what a listener of `refresh-failed` does: %s',
    async (call) => {
      const { session, store } = setUp({ refresh: () => throwError(() => new Error('offline')) });
      session.events$.subscribe(({ type }) => {
        if (type === 'refresh-failed') void (call === 'signIn' ? session.signIn(tokensOf('other')) : session.signOut());
      });
      expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ kind: 'error' });
      await settle();
      const expected = call === 'signIn' ? tokensOf('other') : null;
      expect([session.state.tokens, store.get()]).toMatchObject([expected, expected]);
      expect(session.state.owner === null).toBe(call === 'signOut');
    },
  );
});

describe('classifyRefreshError', () => {
  it('is called with the error that `refresh` failed with', () => {
    const cause = new Error('mine');
    const classifyRefreshError = vi.fn(() => 'rejected' as const);
    const { session } = setUp({ refresh: () => throwError(() => cause), classifyRefreshError });
    record(session.refresh$);
    expect(classifyRefreshError.mock.calls).toEqual([[cause]]);
    expect(session.state.status).toBe('signed-out');
  });

  it('can keep a session that was refused', () => {
    const { session } = setUp({
      refresh: () => throwError(() => refusal),
      classifyRefreshError: () => 'misconfigured',
    });
    expect(record(session.refresh$).settled).toMatchObject({ error: { reason: 'misconfigured' } });
    expect(session.state.status).toBe('signed-in');
  });

  it('is reported when it throws, and the default decides', () => {
    const { session, story } = setUp({
      refresh: () => throwError(() => refusal),
      classifyRefreshError: () => {
        throw new Error('oops');
      },
    });
    expect(record(session.refresh$).settled).toMatchObject({ error: { name: 'SessionExpiredError' } });
    expect(story()).toContain('callback-failed classifyRefreshError');
  });

  it('is not called for a timeout or an invalid result', () => {
    marbles(({ flush }) => {
      const classifyRefreshError = vi.fn(() => 'rejected' as const);
      const { session, refresh } = setUp({ refresh: () => EMPTY, refreshTimeoutMs: 5, classifyRefreshError });
      record(session.refresh$);
      refresh.mockReturnValueOnce(NEVER);
      record(session.refresh$);
      flush();
      expect(classifyRefreshError).not.toHaveBeenCalled();
      expect(session.state.status).toBe('signed-in');
    });
  });
});
