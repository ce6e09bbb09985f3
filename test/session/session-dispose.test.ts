import { NEVER } from 'rxjs';
import { type Session } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { record } from '../support/recorder.ts';
import { apiOf, setUp, tokensOf } from './fixture.ts';

describe('dispose()', () => {
  it('completes state$ and events$ without a `signed-out`', () => {
    const { session } = setUp();
    const states = record(session.state$);
    const events = record(session.events$);
    session.dispose();
    expect(states.expectOneOutcome()).toMatchObject({
      kind: 'complete',
      values: [{ status: 'signed-in' }],
    });
    expect(events.expectOneOutcome()).toMatchObject({ kind: 'complete', values: [] });
    expect(record(session.state$).expectOneOutcome()).toEqual({ kind: 'complete', values: [] });
    expect(record(session.events$).expectOneOutcome()).toEqual({ kind: 'complete', values: [] });
  });

  it('leaves the store as it is, and drops the tokens', () => {
    const { session, store } = setUp();
    session.dispose();
    expect([session.state.tokens, session.state.status, store.get()]).toMatchObject([null, 'disposed', tokensOf(1)]);
  });

  it('leaves the state without a reason, because nobody signed out', () => {
    const { session } = setUp({ refresh: () => NEVER });
    record(session.refresh$);
    session.dispose();
    expect(session.state.reason).toBeUndefined();
  });

  it('has no effect the second time', () => {
    const { session } = setUp();
    session.dispose();
    const { state } = session;
    session.dispose();
    expect(session.state).toBe(state);
  });

  it('makes signIn(), update() and signOut() throw afterwards, and makes refresh$ and requests fail', () => {
    const { session, refresh } = setUp();
    session.dispose();
    const message: unknown = expect.stringContaining('disposed of');
    const refusal = expect.objectContaining({ name: 'InvalidInputError', message }) as Error;
    expect(() => session.signIn(tokensOf(2))).toThrow(refusal);
    expect(() => session.update(tokensOf(2))).toThrow(refusal);
    expect(() => session.signOut()).toThrow(refusal);
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ kind: 'error' });
    const api = apiOf(session, () => NEVER);
    expect(record(api.get$).expectOneOutcome()).toMatchObject({ error: { name: 'SessionChangedError', message } });
    expect(api.sent).toEqual([]);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('is called by `using`', () => {
    let inner: Session;
    {
      using session = setUp().session;
      inner = session;
      expect(inner.state.status).toBe('signed-in');
    }
    expect(inner.state.status).toBe('disposed');
  });
});
