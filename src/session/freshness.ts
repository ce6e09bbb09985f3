import { asyncScheduler } from 'rxjs';
import type { SluiceError } from './errors.ts';
import type { RecentRefresh, TokenFreshness, TokenSituation } from './next-step.ts';
import type { SafeCallbacks } from './safe-callbacks.ts';
import type { ResolvedOptions } from './session-options.ts';
import type { SessionRecord } from './session-record.ts';
import type { SessionStatus } from './session-state.ts';
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

/** A refresh that has ended: when, and of what it is known. */
interface LastRefresh {
  readonly ownerChanges: number;
  readonly generation: number;
  readonly at: number;
  readonly countsForMs: number;
  readonly error?: SluiceError;
}

type Record = Pick<SessionRecord<TokenSet>, 'ownerChanges' | 'state'>;

/** What is known of a session's current tokens: their expiry, whether a server has rejected them, how their last refresh ended. */
export class Freshness implements TokenSituation {
  readonly #record: Record;
  readonly #callbacks: Pick<SafeCallbacks<TokenSet>, 'canRefresh'>;
  readonly #options: Pick<ResolvedOptions<TokenSet>, 'refreshLeewayMs' | 'minRefreshIntervalMs'>;
  #expiry: Expiry = NEVER;
  #rejected = -1;
  #last: LastRefresh | undefined;

  constructor(
    record: Record,
    options: Pick<ResolvedOptions<TokenSet>, 'refreshLeewayMs' | 'minRefreshIntervalMs'>,
    callbacks: Pick<SafeCallbacks<TokenSet>, 'canRefresh'>,
  ) {
    this.#record = record;
    this.#options = options;
    this.#callbacks = callbacks;
  }

  get status(): SessionStatus {
    return this.#record.state.status;
  }
  get hasTokens(): boolean {
    return this.#record.state.tokens !== null;
  }
  get hasEnded(): boolean {
    const { status, reason } = this.#record.state;
    return status === 'signed-out' && reason !== undefined;
  }
  canRefresh(): boolean {
    return this.#callbacks.canRefresh(this.#record.state.tokens);
  }

  /** @param isFromStore - tokens of a store may have died there; those just received that seem dead show a wrong clock */
  noteExpiry(tokens: TokenSet, isFromStore = false): void {
    this.#expiry = expiryOf(tokens, this.#options.refreshLeewayMs, isFromStore ? undefined : asyncScheduler.now());
  }
  /** A server has answered 401 to the current token. */
  noteRejected(): void {
    this.#rejected = this.#record.state.generation;
  }
  /** The tokens that come next are those of a refresh that has just ended. */
  noteRefreshed(): void {
    this.#note(this.#record.state.generation + 1, this.#options.minRefreshIntervalMs);
  }
  /** The refresh of the current tokens has failed. */
  noteFailed(error: SluiceError, retryAfterMs: number): void {
    const isForGood = error.code === 'session-expired';
    const countsForMs = isForGood ? Infinity : Math.max(this.#options.minRefreshIntervalMs, retryAfterMs);
    this.#note(this.#record.state.generation, countsForMs, error);
  }

  get isRejected(): boolean {
    return this.#rejected === this.#record.state.generation;
  }
  get freshness(): TokenFreshness {
    const now = asyncScheduler.now();
    if (now < this.#expiry.refreshAt) return 'fresh';
    return now < this.#expiry.deadAt ? 'due' : 'dead';
  }
  /** Whether the current token works for so long, as far as is known. */
  worksFor(ms: number): boolean {
    return !this.isRejected && this.#expiry.deadAt - asyncScheduler.now() > ms;
  }
  get recentRefresh(): RecentRefresh {
    if (!this.#recent) return 'none';
    return this.#recent.error ? 'failed' : 'succeeded';
  }
  get recentError(): SluiceError | undefined {
    return this.#recent?.error;
  }

  get #recent(): LastRefresh | undefined {
    const { ownerChanges, state } = this.#record;
    const last = this.#last;
    if (last?.ownerChanges !== ownerChanges || last.generation !== state.generation) return undefined;
    // A negative time shows that the clock was set back: nothing is recent by it, or a 401 would stand for an hour.
    const passedMs = asyncScheduler.now() - last.at;
    return passedMs >= 0 && passedMs < last.countsForMs ? last : undefined;
  }
  #note(generation: number, countsForMs: number, error?: SluiceError): void {
    const { ownerChanges } = this.#record;
    this.#last = { ownerChanges, generation, at: asyncScheduler.now(), countsForMs, ...(error && { error }) };
  }
}
