import { describe, expect, it } from 'vitest';
import { expiryOf } from '../../src/session/freshness.ts';

const tokens = (expiresAt?: number) => ({ accessToken: 'a', ...(expiresAt !== undefined && { expiresAt }) });
const never = { refreshAt: Infinity, deadAt: Infinity };

describe('expiryOf', () => {
  it('knows none for no tokens, and for tokens that name none', () => {
    expect([expiryOf(null, 30_000, 0), expiryOf(null, 30_000), expiryOf(tokens(), 30_000, 0)]).toEqual([
      never,
      never,
      never,
    ]);
  });

  it('refreshes the leeway before the end', () => {
    expect(expiryOf(tokens(1_000_000), 30_000, 0)).toEqual({ refreshAt: 970_000, deadAt: 1_000_000 });
  });

  it('caps the leeway at a tenth of the lifetime, which begins at receipt', () => {
    expect(expiryOf(tokens(60_000), 30_000, 0)).toEqual({ refreshAt: 54_000, deadAt: 60_000 });
    expect(expiryOf(tokens(100_000), 30_000, 99_000)).toEqual({ refreshAt: 99_900, deadAt: 100_000 });
    expect(expiryOf(tokens(300_000), 30_000, 0).refreshAt).toBe(270_000);
  });

  it('takes no leeway where none is wanted', () => {
    expect(expiryOf(tokens(60_000), 0, 0)).toEqual({ refreshAt: 60_000, deadAt: 60_000 });
  });

  it('takes a token that is dead on arrival for one whose expiry is unknown', () => {
    expect(expiryOf(tokens(5_000), 30_000, 5_000)).toEqual(never);
    expect(expiryOf(tokens(4_999), 30_000, 5_000)).toEqual(never);
    expect(expiryOf(tokens(5_001), 30_000, 5_000).deadAt).toBe(5_001);
  });

  it('believes that a token from a store has died there, and cannot tell its lifetime', () => {
    expect(expiryOf(tokens(5_000), 30_000)).toEqual({ refreshAt: -25_000, deadAt: 5_000 });
    expect(expiryOf(tokens(0), 30_000)).toEqual({ refreshAt: -30_000, deadAt: 0 });
  });
});
