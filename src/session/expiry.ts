import type { TokenSet } from './token-set.ts';

/** When a token is to be refreshed and when it is dead, in epoch milliseconds. */
export interface Expiry {
  readonly refreshAt: number;
  readonly deadAt: number;
}

const NEVER: Expiry = { refreshAt: Infinity, deadAt: Infinity };

/**
 * Reads `expiresAt` against the clock at receipt. A token that seems dead on arrival shows that the clocks disagree: its
 * expiry is then not used at all, and only a 401 tells, so that a wrong clock cannot make a loop of refreshes.
 *
 * @param receivedAt - not given for tokens from a store: they may have died there long ago
 */
export function expiryOf(tokens: TokenSet | null, leewayMs: number, receivedAt: number = -Infinity): Expiry {
  const deadAt = tokens?.expiresAt;
  if (deadAt === undefined || deadAt <= receivedAt) return NEVER;
  return { refreshAt: deadAt - Math.min(leewayMs, (deadAt - receivedAt) / 10), deadAt };
}
