import { asyncScheduler } from 'rxjs';
import type { RecentRefresh, TokenFreshness, TokenSituation } from './next-step.ts';
import type { SafeCallbacks } from './safe-callbacks.ts';
import type { ResolvedOptions } from './session-options.ts';
import type { SessionRecord } from './session-record.ts';
import type { SessionStatus } from './session-state.ts';
import type { SluiceError } from './sluice-error.ts';
import type { TokenSet } from './token-set.ts';

/** From when on a token should be refreshed, and from when on it is dead, in epoch milliseconds. */
export interface Expiry {
  readonly refreshAt: number;
  readonly deadAt: number;
}

const NEVER: Expiry = { refreshAt: Infinity, deadAt: Infinity };

/**
 * Derives `refreshAt` and `deadAt` from `expiresAt`. A token that was dead when it was received shows that this machine's clock is wrong:
 * `expiresAt` is ignored, and only a 401 causes a refresh. Otherwise every new token would be refreshed at once, in an endless loop.
 *
 * @param receivedAt - when the tokens were received. `-Infinity` for tokens from a store, which may well have died there
 */
export function expiryOf(tokens: TokenSet | null, leewayMs: number, receivedAt: number): Expiry {
  const deadAt = tokens?.expiresAt;
  if (deadAt === undefined || deadAt <= receivedAt) return NEVER;
  return { refreshAt: deadAt - Math.min(leewayMs, (deadAt - receivedAt) / 10), deadAt };
}

/**
 * The end of the last refresh. It concerns the current tokens only as long as the session has these `ownerChanges` and this generation.
 */
interface LastRefresh {
  readonly ownerChanges: number;
  readonly generation: number;
  readonly at: number;
  /** How long after `at` the outcome is remembered. */
  readonly countsForMs: number;
  readonly error?: SluiceError;
}

type Record = Pick<SessionRecord<TokenSet>, 'ownerChanges' | 'state'>;

/** What a session knows about its current tokens: their expiry, whether a server has rejected them, how the last refresh ended. */
export class Freshness implements TokenSituation {
  readonly #record: Record;
  readonly #callbacks: Pick<SafeCallbacks<TokenSet>, 'canRefresh'>;
  readonly #options: Pick<ResolvedOptions<TokenSet>, 'refreshLeewayMs' | 'minRefreshIntervalMs'>;
  #expiry: Expiry = NEVER;
  /** The generation of the tokens that a server rejected last; -1 if none were. */
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

  /**
   * Notes the expiry of the tokens that become current next.
   *
   * @param receivedAt - when the tokens were received. `-Infinity` if they may have been in a store for long: then an expiry in the past is
   *   no sign of a wrong clock
   */
  noteExpiry(tokens: TokenSet, receivedAt: number = asyncScheduler.now()): void {
    this.#expiry = expiryOf(tokens, this.#options.refreshLeewayMs, receivedAt);
  }
  /** Notes that a server has responded with 401 to the current token. */
  noteRejected(): void {
    this.#rejected = this.#record.state.generation;
  }
  /** Notes that a refresh has succeeded. Must be called before its tokens become current: it is noted for the next generation. */
  noteRefreshed(at: number = asyncScheduler.now()): void {
    this.#note(this.#record.state.generation + 1, at, this.#options.minRefreshIntervalMs);
  }
  /** Notes that the refresh of the current tokens has failed. */
  noteFailed(error: SluiceError, retryAfterMs: number): void {
    const isForGood = error.code === 'session-expired';
    const countsForMs = isForGood ? Infinity : Math.max(this.#options.minRefreshIntervalMs, retryAfterMs);
    this.#note(this.#record.state.generation, asyncScheduler.now(), countsForMs, error);
  }

  get isRejected(): boolean {
    return this.#rejected === this.#record.state.generation;
  }
  get freshness(): TokenFreshness {
    const now = asyncScheduler.now();
    if (now < this.#expiry.refreshAt) return 'fresh';
    return now < this.#expiry.deadAt ? 'due' : 'dead';
  }
  /** Whether the current token should work for `ms` milliseconds: no server has rejected it, and it does not expire by then. */
  worksFor(ms: number): boolean {
    const { deadAt } = this.#expiry;
    return !this.isRejected && (deadAt === Infinity || deadAt - asyncScheduler.now() > ms);
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
    // `passedMs` is negative if the clock was set back. If it was set back by an hour, the refresh would otherwise count as recent for an
    // hour, and 401s would cause no refresh meanwhile.
    const passedMs = asyncScheduler.now() - last.at;
    return passedMs >= 0 && passedMs < last.countsForMs ? last : undefined;
  }
  #note(generation: number, at: number, countsForMs: number, error?: SluiceError): void {
    const { ownerChanges } = this.#record;
    this.#last = { ownerChanges, generation, at, countsForMs, ...(error && { error }) };
  }
}
