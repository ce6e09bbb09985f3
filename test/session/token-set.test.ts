import type { TokenSet } from 'sluice/session';
import { InvalidInputError } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { checkTokens, kindOf, requireTokens, withRefreshTokenOf } from '../../src/session/token-set.ts';

class Inherited {
  #secret = 'secret';
  get accessToken(): string {
    return this.#secret;
  }
}
const throwing = {
  get accessToken(): string {
    throw new Error('secret');
  },
};
const garbage: [value: unknown, fault: string][] = [
  [undefined, 'undefined is no token set'],
  [null, 'null is no token set'],
  ['secret', 'a string is no token set'],
  [1, 'a number is no token set'],
  [[], 'it has no accessToken of its own, but nothing'],
  [() => 'x', 'a function is no token set'],
  [{ access_token: 'secret', expires_in: 5 }, 'it has no accessToken of its own, but access_token, expires_in'],
  [new Inherited(), 'it has no accessToken of its own, but nothing'],
  [{ accessToken: '' }, 'accessToken is an empty string'],
  [{ accessToken: 1 }, 'accessToken is a number'],
  [{ accessToken: null }, 'accessToken is null'],
  [{ accessToken: 'secret', refreshToken: 5 }, 'refreshToken is a number'],
  [throwing, 'it throws when it is read'],
];
const odd: [expiresAt: unknown, fault: string][] = [
  [NaN, 'expiresAt is NaN'],
  [Infinity, 'expiresAt is infinite'],
  ['2030-01-01', 'expiresAt is a string'],
  [new Date(0), 'expiresAt is an object'],
  [1_795_000_000, 'expiresAt looks like seconds'],
];
const good: [unknown][] = [
  [{ accessToken: 'a' }],
  [{ accessToken: 'a', refreshToken: 'r', expiresAt: 0 }],
  [{ accessToken: 'a', expiresAt: undefined, scope: 'x' }],
  [{ accessToken: 'a', expiresAt: -1 }],
  [{ accessToken: 'a', expiresAt: 1_795_000_000_000 }],
];

describe('checkTokens', () => {
  it.each(garbage.map(([value, fault]) => [fault, value] as const))(
    'finds no token set, and says why: %s',
    (fault, value) => {
      expect(checkTokens(value)).toEqual({ tokens: null, fault });
      expect(() => requireTokens('signIn()', value as TokenSet)).toThrow(InvalidInputError);
      expect(() => requireTokens('signIn()', value as TokenSet)).toThrow(`given: ${fault}.`);
      expect(fault).not.toContain('secret');
    },
  );

  it.each(odd)('keeps tokens whose expiresAt is %s, without an expiry', (expiresAt, fault) => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 27), toFake: ['Date'] });
    const value = { accessToken: 'a', expiresAt, scope: 'x' };
    expect(checkTokens(value)).toEqual({ tokens: { accessToken: 'a', scope: 'x' }, fault });
    expect(() => requireTokens('update()', value as TokenSet)).toThrow(`given: ${fault}.`);
    vi.useRealTimers();
  });

  it.each(good)('returns %j unchanged', (value) => {
    expect(checkTokens(value).tokens).toBe(value);
    expect(requireTokens('signIn()', value as TokenSet)).toBe(value);
  });

  it.each([null, ''])('treats a refreshToken of %j as absent, and an expiresAt of null as unknown', (refreshToken) => {
    const value = { accessToken: 'a', refreshToken, expiresAt: null, scope: 'x' };
    expect(checkTokens(value)).toEqual({ tokens: { accessToken: 'a', scope: 'x' }, fault: '' });
  });
});

describe('kindOf', () => {
  it.each([
    [undefined, 'undefined'],
    [NaN, 'NaN'],
    [[1], 'an array'],
    [{}, 'an object'],
    ['x', 'a string'],
    [-Infinity, 'infinite'],
  ])('describes %s as %s', (value, kind) => {
    expect(kindOf(value)).toBe(kind);
  });
});

describe('withRefreshTokenOf', () => {
  it('keeps the old refresh token when the result has none', () => {
    expect(withRefreshTokenOf({ accessToken: 'b' }, { accessToken: 'a', refreshToken: 'r' })).toEqual({
      accessToken: 'b',
      refreshToken: 'r',
    });
  });

  it('takes the new refresh token when there is one', () => {
    const next = { accessToken: 'b', refreshToken: 's' };
    expect(withRefreshTokenOf(next, { accessToken: 'a', refreshToken: 'r' })).toBe(next);
  });

  it('adds no refresh token when there was none', () => {
    const next = { accessToken: 'b' };
    expect(withRefreshTokenOf(next, { accessToken: 'a' })).toBe(next);
    expect(withRefreshTokenOf(next, null)).toBe(next);
    expect(Object.keys(next)).toEqual(['accessToken']);
  });
});
