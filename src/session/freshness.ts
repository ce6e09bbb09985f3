import { asyncScheduler } from 'rxjs';
import type { SluiceError } from './errors.ts';
import type { ResolvedOptions } from './session-options.ts';
import type { SessionState } from './session-state.ts';
import type { TokenSet } from './token-set.ts';

/** When a token is to be refreshed and when it is dead, in epoch milliseconds. */
export interface Expiry {
  readonly refreshAt: number;
  readonly deadAt: number;
}

/** `due`: to be refreshed ahead of its expiry. `dead`: past its expiry by the clock. */
export type TokenFreshness = 'fresh' | 'due' | 'dead';

/** How the last refresh of the current tokens ended, if that was less than `minRefreshIntervalMs` ago. */
export type RecentRefresh = 'none' | 'succeeded' | 'failed';

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

/** What is known of a session's current tokens: their expiry, whether a server has rejected them, how their last refresh ended. */
export class Freshness {
  readonly #options: Pick<ResolvedOptions<TokenSet>, 'refreshLeewayMs' | 'minRefreshIntervalMs'>;
  #expiry: Expiry = NEVER;
  #rejected = -1;
  #last: (Pick<SessionState, 'epoch' | 'generation'> & { readonly at: number; readonly error?: SluiceError }) | null =
    null;

  constructor(options: Pick<ResolvedOptions<TokenSet>, 'refreshLeewayMs' | 'minRefreshIntervalMs'>) {
    this.#options = options;
  }

  /** @param isFromStore - tokens of a store may have died there; those just received that seem dead show a wrong clock */
  noteExpiry(tokens: TokenSet, isFromStore = false): void {
    this.#expiry = expiryOf(tokens, this.#options.refreshLeewayMs, isFromStore ? undefined : asyncScheduler.now());
  }
  noteRejected({ generation }: SessionState): void {
    this.#rejected = generation;
  }
  /** @param state - whose refresh it was: what it gave, or what it failed for */
  noteRefresh({ epoch, generation }: Pick<SessionState, 'epoch' | 'generation'>, error?: SluiceError): void {
    this.#last = { at: asyncScheduler.now(), epoch, generation, ...(error && { error }) };
  }

  isRejected({ generation }: SessionState): boolean {
    return this.#rejected === generation;
  }
  of(): TokenFreshness {
    const now = asyncScheduler.now();
    if (now < this.#expiry.refreshAt) return 'fresh';
    return now < this.#expiry.deadAt ? 'due' : 'dead';
  }
  recentRefresh(state: SessionState): RecentRefresh {
    if (!this.#isRecent(state)) return 'none';
    return this.#last?.error ? 'failed' : 'succeeded';
  }
  /** The failure that is remembered for these tokens. */
  recentError(state: SessionState): SluiceError | undefined {
    return this.#isRecent(state) ? this.#last?.error : undefined;
  }
  #isRecent({ epoch, generation }: SessionState): boolean {
    const last = this.#last;
    return (
      last?.epoch === epoch &&
      last.generation === generation &&
      asyncScheduler.now() - last.at < this.#options.minRefreshIntervalMs
    );
  }
}
