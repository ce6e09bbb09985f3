import { runInNewContext } from 'node:vm';
import {
  BodyUsedError,
  InvalidInputError,
  isSluiceError,
  RefreshFailedError,
  SchemaMismatchError,
  SessionChangedError,
  SessionExpiredError,
  SluiceError,
  type RefreshFailureReason,
} from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { isRefreshFailed, isSessionExpired } from '../../src/session/errors.ts';

const cause = new Error('why');
const errors: [string, SluiceError, string, string][] = [
  ['SessionExpiredError', new SessionExpiredError(undefined, cause), 'SessionExpiredError', 'session-expired'],
  ['RefreshFailedError', new RefreshFailedError('unavailable', cause), 'RefreshFailedError', 'refresh-failed'],
  ['SessionChangedError', new SessionChangedError(undefined, cause), 'SessionChangedError', 'session-changed'],
  ['BodyUsedError', new BodyUsedError(), 'BodyUsedError', 'body-used'],
  ['InvalidInputError', new InvalidInputError('bad', cause), 'InvalidInputError', 'invalid-input'],
];

describe.each(errors)('%s', (_title, error, name, code) => {
  it('is an Error with a literal name and a stable code', () => {
    expect(error).toBeInstanceOf(SluiceError);
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, isSluiceError(error)]).toEqual([name, code, true]);
    expect(String(error)).toBe(`${name}: ${error.message}`);
    expect(error.stack).toContain('errors.test.ts');
  });

  it('has a message', () => {
    expect(error.message.length).toBeGreaterThan(2);
  });

  it('has a cause that is not enumerable, so that logs leave it out', () => {
    if (error.cause === undefined) expect('cause' in error).toBe(false);
    else {
      expect(error.cause).toBe(cause);
      expect(Object.keys(error)).not.toContain('cause');
    }
    expect(JSON.stringify(error)).not.toContain('why');
  });
});

describe('an error without a cause', () => {
  it('has no property `cause`', () => {
    expect('cause' in new SessionExpiredError()).toBe(false);
    expect('cause' in new InvalidInputError('x')).toBe(false);
  });
});

describe('RefreshFailedError', () => {
  it.each<RefreshFailureReason>(['unavailable', 'timeout', 'misconfigured', 'invalid-response', 'same-token'])(
    'has a message for %s that tells what to do',
    (reason) => {
      const error = new RefreshFailedError(reason);
      expect(error.reason).toBe(reason);
      expect(error.message).toMatch(/^The refresh failed, the session is kept: .{20,}\.$/);
    },
  );
});

describe('isSluiceError', () => {
  it.each([
    [undefined],
    [null],
    ['SessionExpiredError'],
    [new Error('x')],
    [{ name: 'SessionExpiredError', code: 'session-expired' }],
  ])('does not recognise %s', (value) => {
    expect(isSluiceError(value)).toBe(false);
  });

  it('recognises the errors of a second copy of the package', async () => {
    vi.resetModules();
    const copy = await import('sluice/session');
    const foreign = new copy.SessionExpiredError();
    expect(copy.SessionExpiredError).not.toBe(SessionExpiredError);
    expect(foreign).not.toBeInstanceOf(SessionExpiredError);
    expect(isSluiceError(foreign)).toBe(true);
    expect(copy.isSluiceError(new SessionChangedError())).toBe(true);
    expect([foreign.name, foreign.code]).toEqual(['SessionExpiredError', 'session-expired']);
  });

  it('recognises the errors of another realm', () => {
    const foreign = runInNewContext(
      `class E extends Error { constructor() { super('x'); this[Symbol.for('sluice.error')] = true; } } new E()`,
    ) as unknown;
    expect(isSluiceError(foreign)).toBe(true);
  });
});

describe('isSessionExpired and isRefreshFailed', () => {
  const copyOf = (code: string): unknown => ({ [Symbol.for('sluice.error')]: true, code });
  it('recognise errors of another copy', () => {
    const all = ['session-expired', 'refresh-failed', 'session-changed'].map(copyOf);
    expect(all.map(isSessionExpired)).toEqual([true, false, false]);
    expect(all.map(isRefreshFailed)).toEqual([false, true, false]);
    expect([isSessionExpired(new SessionExpiredError()), isRefreshFailed(new RefreshFailedError('timeout'))]).toEqual([
      true,
      true,
    ]);
  });

  it.each([undefined, null, 'x', new Error('x'), { code: 'session-expired' }, { code: 'refresh-failed' }])(
    'do not recognise a value that has only the code: %s',
    (value) => {
      expect([isSessionExpired(value), isRefreshFailed(value)]).toEqual([false, false]);
    },
  );
});

describe('isSluiceError, isSessionExpired and isRefreshFailed', () => {
  const trap = (): never => {
    throw new Error('no');
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const brand = Symbol.for('sluice.error');

  it.each<[string, unknown]>([
    ['a revoked Proxy', revoked.proxy],
    ['a Proxy that throws', new Proxy({}, { get: trap, getOwnPropertyDescriptor: trap })],
    ['a getter that throws', Object.defineProperty({}, brand, { get: trap })],
  ])('return false for a hostile value, and do not throw: %s', (_title, value) => {
    expect([isSluiceError(value), isSessionExpired(value), isRefreshFailed(value)]).toEqual([false, false, false]);
  });

  it('return false for a branded value whose code throws', () => {
    const value = Object.defineProperty({ [brand]: true }, 'code', { get: trap });
    expect([isSessionExpired(value), isRefreshFailed(value)]).toEqual([false, false]);
  });

  it('return false for an object with a polluted Object.prototype', () => {
    Object.defineProperty(Object.prototype, brand, { value: true, configurable: true });
    const seen = isSluiceError(new Error('x'));
    Reflect.deleteProperty(Object.prototype, brand);
    expect(seen).toBe(false);
  });
});

describe('the message', () => {
  it.each<[RefreshFailureReason, RegExp]>([
    ['unavailable', /server or the store is unavailable/],
    ['timeout', /within refreshTimeoutMs.*`signal`/],
    ['misconfigured', /configuration.*cause/],
    ['invalid-response', /accessToken/],
    ['same-token', /rejected token again/],
  ])('of RefreshFailedError explains %s', (reason, words) => {
    expect(new RefreshFailedError(reason).message).toMatch(words);
  });

  it.each([
    [[], 'The response does not fit its schema. See `issues`.'],
    [[{ message: 'secret' }], 'The response does not fit its schema. See `issues`.'],
    [[{ message: 'secret', path: ['a', { key: 0 }] }], 'The response does not fit its schema, at a.0. See `issues`.'],
  ])('of SchemaMismatchError says where: %j', (issues, message) => {
    expect(new SchemaMismatchError(issues).message).toBe(message);
  });
});
