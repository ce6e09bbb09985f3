import { isSluiceError } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { internalsOf } from '../../src/session/session-internals.ts';
import { record } from '../support/recorder.ts';
import { setUp, tokensOf } from './fixture.ts';

const target = { method: 'GET', url: 'https://api.example.com/me' };

describe('internalsOf', () => {
  it('gives the state of its session', () => {
    const { session } = setUp();
    const gate = internalsOf(session);
    expect(gate.state).toBe(session.state);
    void session.signOut();
    expect(gate.state).toBe(session.state);
  });

  it('authorizes with the current token as a bearer token', () => {
    const { session } = setUp();
    const gate = internalsOf(session);
    expect(gate.authorization(target)).toEqual({ Authorization: 'Bearer access-1' });
    record(session.refresh$);
    expect(gate.authorization(target)).toEqual({ Authorization: 'Bearer access-2' });
  });

  it.each(['Bearer', 'bearer'])('does not double the scheme of a token that begins with %s', (scheme) => {
    const { session } = setUp({ initial: { accessToken: `${scheme} access-1` } });
    expect(internalsOf(session).authorization(target)).toEqual({ Authorization: 'Bearer access-1' });
  });

  it('adds no header when nobody is signed in', () => {
    expect(internalsOf(setUp({ initial: null }).session).authorization(target)).toEqual({});
  });

  it('calls the app’s `authorize`', () => {
    const { session } = setUp({ authorize: ({ accessToken }) => ({ 'X-Key': accessToken, 'X-More': '1' }) });
    expect(internalsOf(session).authorization(target)).toEqual({ 'X-Key': 'access-1', 'X-More': '1' });
  });

  it('is not enumerable on a session', () => {
    const { session } = setUp();
    expect(Object.keys(session).sort()).toEqual(['dispose', 'signIn', 'signOut', 'update', 'validTokens']);
  });

  it('gives the error for a request that may not be sent any more', () => {
    const { session } = setUp();
    const reason = internalsOf(session).ownerChangeError(0);
    expect([isSluiceError(reason), reason.code]).toEqual([true, 'session-changed']);
    void session.signIn(tokensOf(2));
    expect(internalsOf(session).ownerChangeError(0).code).toBe('session-changed');
  });
});
