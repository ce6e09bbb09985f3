import { NEVER, Subject } from 'rxjs';
import { memoryStore, type Session, type TokenSet, type TokenStore } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { record } from '../support/recorder.ts';
import { apiOf, setUp, tokensOf } from './fixture.ts';

describe('dispose', () => {
  it('completes state$ and events$, after the last state', () => {
    const { session } = setUp();
    const states = record(session.state$);
    const events = record(session.events$);
    session.dispose();
    expect(states.expectOneOutcome()).toMatchObject({
      kind: 'complete',
      values: [{}, { status: 'signed-out', tokens: null }],
    });
    expect(events.expectOneOutcome()).toMatchObject({ kind: 'complete' });
  });

  it('leaves the store as it is, and forgets the tokens', () => {
    const { session, store } = setUp();
    session.dispose();
    expect([session.state.tokens, session.state.status, store.get()]).toEqual([null, 'signed-out', tokensOf(1)]);
  });

  it('says no reason: nobody signed out', () => {
    const { session } = setUp({ refresh: () => NEVER });
    record(session.refresh$);
    session.dispose();
    expect(session.state.reason).toBeUndefined();
  });

  it('does nothing the second time', () => {
    const { session } = setUp();
    session.dispose();
    const { state } = session;
    session.dispose();
    expect(session.state).toBe(state);
  });

  it('refuses what comes after it', () => {
    const { session, refresh } = setUp();
    session.dispose();
    const message: unknown = expect.stringContaining('disposed of');
    const refusal = expect.objectContaining({ name: 'InvalidInputError', message }) as Error;
    expect(() => session.signIn(tokensOf(2))).toThrow(refusal);
    expect(() => session.signOut()).toThrow(refusal);
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ kind: 'error' });
    const api = apiOf(session, () => NEVER);
    expect(record(api.get$).expectOneOutcome()).toMatchObject({ error: { name: 'SessionChangedError', message } });
    expect(api.sent).toEqual([]);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('stops listening to the store', () => {
    const changes$ = new Subject<TokenSet | null>();
    const store: TokenStore = { ...memoryStore(tokensOf(1)), changes$ };
    const { session } = setUp({ store });
    expect(changes$.observed).toBe(true);
    void session.signOut();
    expect(changes$.observed).toBe(true);
    session.dispose();
    expect(changes$.observed).toBe(false);
  });

  it('serves `using`', () => {
    let inner: Session;
    {
      using session = setUp().session;
      inner = session;
      expect(inner.state.status).toBe('signed-in');
    }
    expect(inner.state.status).toBe('signed-out');
  });
});
