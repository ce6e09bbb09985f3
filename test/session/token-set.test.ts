import { InvalidInputError } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { isTokenSet, requireTokenSet, withRefreshTokenOf } from '../../src/session/token-set.ts';

const garbage: [unknown][] = [
  [undefined],
  [null],
  ['access'],
  [1],
  [[]],
  [{}],
  [() => 'x'],
  [{ accessToken: '' }],
  [{ accessToken: 1 }],
  [{ accessToken: null }],
  [{ access_token: 'a' }],
  [{ accessToken: 'a', expiresAt: NaN }],
  [{ accessToken: 'a', expiresAt: Infinity }],
  [{ accessToken: 'a', expiresAt: '2030-01-01' }],
  [{ accessToken: 'a', expiresAt: null }],
];
const good: [unknown][] = [
  [{ accessToken: 'a' }],
  [{ accessToken: 'a', refreshToken: 'r', expiresAt: 0 }],
  [{ accessToken: 'a', expiresAt: undefined, scope: 'x' }],
];

describe('isTokenSet', () => {
  it.each(garbage)('refuses %j', (value) => {
    expect(isTokenSet(value)).toBe(false);
    expect(() => {
      requireTokenSet(value);
    }).toThrow(InvalidInputError);
  });

  it.each(good)('takes %j', (value) => {
    expect(isTokenSet(value)).toBe(true);
    expect(() => {
      requireTokenSet(value);
    }).not.toThrow();
  });
});

describe('withRefreshTokenOf', () => {
  it('keeps the old refresh token where the answer names none', () => {
    expect(withRefreshTokenOf({ accessToken: 'b' }, { accessToken: 'a', refreshToken: 'r' })).toEqual({
      accessToken: 'b',
      refreshToken: 'r',
    });
  });

  it('takes the new one where there is one', () => {
    const next = { accessToken: 'b', refreshToken: 's' };
    expect(withRefreshTokenOf(next, { accessToken: 'a', refreshToken: 'r' })).toBe(next);
  });

  it('adds none where there was none', () => {
    const next = { accessToken: 'b' };
    expect(withRefreshTokenOf(next, { accessToken: 'a' })).toBe(next);
    expect(withRefreshTokenOf(next, null)).toBe(next);
    expect(Object.keys(next)).toEqual(['accessToken']);
  });
});
