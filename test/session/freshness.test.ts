import { describe, expect, it } from 'vitest';
import { expiryOf } from '../../src/session/freshness.ts';

const tokens = (expiresAt?: number) => ({ accessToken: 'a', ...(expiresAt !== undefined && { expiresAt }) });
const never = { refreshAt: Infinity, deadAt: Infinity };

describe('expiryOf', () => {
  it('returns Infinity without tokens, and for tokens without `expiresAt`', () => {
    expect([expiryOf(null, 30_000, 0), expiryOf(null, 30_000, -Infinity), expiryOf(tokens(), 30_000, 0)]).toEqual([
      never,
      never,
      never,
    ]);
  });

  it('sets `refreshAt` to the leeway (`refreshLeewayMs`) before the expiry', () => {
    expect(expiryOf(tokens(1_000_000), 30_000, 0)).toEqual({ refreshAt: 970_000, deadAt: 1_000_000 });
  });

  it('limits the leeway to a tenth of the lifetime, which begins at receipt', () => {
    expect(expiryOf(tokens(60_000), 30_000, 0)).toEqual({ refreshAt: 54_000, deadAt: 60_000 });
    expect(expiryOf(tokens(100_000), 30_000, 99_000)).toEqual({ refreshAt: 99_900, deadAt: 100_000 });
    expect(expiryOf(tokens(300_000), 30_000, 0).refreshAt).toBe(270_000);
  });

  it('has no leeway with refreshLeewayMs: 0', () => {
    expect(expiryOf(tokens(60_000), 0, 0)).toEqual({ refreshAt: 60_000, deadAt: 60_000 });
  });

  it('returns Infinity for a token that has expired on arrival, so that a wrong clock causes no refresh', () => {
    expect(expiryOf(tokens(5_000), 30_000, 5_000)).toEqual(never);
    expect(expiryOf(tokens(4_999), 30_000, 5_000)).toEqual(never);
    expect(expiryOf(tokens(5_001), 30_000, 5_000).deadAt).toBe(5_001);
  });

  it('returns times in the past for an expired token from a store, whose lifetime is unknown', () => {
    expect(expiryOf(tokens(5_000), 30_000, -Infinity)).toEqual({ refreshAt: -25_000, deadAt: 5_000 });
    expect(expiryOf(tokens(0), 30_000, -Infinity)).toEqual({ refreshAt: -30_000, deadAt: 0 });
  });
});
