import { classifyRefreshError, type RefreshErrorKind } from 'sluice/session';
import { describe, expect, it } from 'vitest';

describe('classifyRefreshError of errors that carry a code themselves', () => {
  describe.each(['error', 'code', 'oauth2Code', 'errorCode'])('reads an OAuth client’s own `%s`', (name) => {
    it.each<[string, number | undefined, RefreshErrorKind]>([
      ['invalid_grant', undefined, 'rejected'],
      ['invalid_client', undefined, 'misconfigured'],
      ['slow_down', undefined, 'unavailable'],
      ['ERR_BAD_REQUEST', undefined, 'unavailable'],
      ['invalid_client', 401, 'misconfigured'],
      ['invalid_scope', 400, 'misconfigured'],
      ['use_dpop_nonce', 400, 'misconfigured'],
      ['invalid_grant', 400, 'rejected'],
      ['ERR_BAD_REQUEST', 400, 'rejected'],
      ['invalid_request', 503, 'unavailable'],
    ])(`takes \`${name}\` %s with status %s as %s`, (code, status, expected) => {
      // Its response is a fetch Response, whose body cannot be read synchronously.
      const response = status === undefined ? {} : { status, response: new Response('{}', { status }) };
      const error = Object.assign(new Error('oauth'), { [name]: code, ...response });
      expect(classifyRefreshError(error)).toBe(expected);
      expect(classifyRefreshError(new Error('wrapped', { cause: error }))).toBe(expected);
    });
  });

  it.each(['error', 'code', 'oauth2Code', 'errorCode'])(
    'prefers an OAuth client’s own code, in `%s`, to the code in the body',
    (name) => {
      const response = { status: 401, data: { error: 'invalid_grant' } };
      const error = Object.assign(new Error('oauth'), { [name]: 'invalid_client', response });
      expect(classifyRefreshError(error)).toBe('misconfigured');
    },
  );

  it.each([
    [400, 'invalid_grant', 'rejected'],
    [401, 'invalid_client', 'misconfigured'],
    [401, 'Unauthorized', 'rejected'],
    [503, '', 'unavailable'],
  ])('classifies %i %s of simple-oauth2, whose errors are Boom’s', (statusCode, error, expected) => {
    const boom = Object.assign(new Error('Response Error'), {
      isBoom: true,
      output: { statusCode, payload: { statusCode, error: 'Unauthorized' }, headers: {} },
      data: { headers: {}, payload: { error } },
    });
    expect(classifyRefreshError(boom)).toBe(expected);
  });

  it('ignores a code that is only on Object.prototype', () => {
    Object.assign(Object.prototype, { error: 'invalid_grant', code: 'invalid_grant' });
    const seen = classifyRefreshError(new Error('offline'));
    Reflect.deleteProperty(Object.prototype, 'error');
    Reflect.deleteProperty(Object.prototype, 'code');
    expect(seen).toBe('unavailable');
  });
});

describe('classifyRefreshError of errors from elsewhere', () => {
  it.each([
    ['session-expired', undefined, 'rejected'],
    ['refresh-failed', 'misconfigured', 'misconfigured'],
    ['refresh-failed', 'unavailable', 'unavailable'],
    ['refresh-failed', 'timeout', 'unavailable'],
    ['session-changed', undefined, 'unavailable'],
  ])('classifies %s %s of another copy of Sluice by its own reason, whatever its cause', (code, reason, expected) => {
    const cause = { status: 400, data: { error: expected === 'rejected' ? 'invalid_client' : 'invalid_grant' } };
    const error = Object.assign(new Error('x', { cause }), { [Symbol.for('sluice.error')]: true, code, reason });
    expect(classifyRefreshError(error)).toBe(expected);
    expect(classifyRefreshError(new Error('wrapped', { cause: error }))).toBe(expected);
  });

  it('classifies hostile values as unavailable, and does not throw', () => {
    const trap = (): never => {
      throw new Error('no');
    };
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const getters = Object.fromEntries(
      ['status', 'response', 'error', 'code', 'cause', 'data'].map((key) => [key, { get: trap, enumerable: true }]),
    );
    for (const value of [
      revoked.proxy,
      new Proxy({}, { get: trap, getPrototypeOf: trap }),
      Object.defineProperties({}, getters),
      Object.defineProperties({ [Symbol.for('sluice.error')]: true }, getters),
      { [Symbol.for('sluice.error')]: true, code: 'refresh-failed', reason: revoked.proxy },
      new Error('x', { cause: revoked.proxy }),
    ])
      expect(classifyRefreshError(value)).toBe('unavailable');
    expect(classifyRefreshError(Object.defineProperty({ status: 401 }, 'error', { get: trap }))).toBe('rejected');
    expect(classifyRefreshError({ status: 400, headers: { get: trap } })).toBe('rejected');
  });
});
