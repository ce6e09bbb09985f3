import { asyncScheduler, defer } from 'rxjs';
import { retryAfterMs } from './backoff.ts';
import { classifyRefreshError } from './classify-refresh-error.ts';
import { conceal } from './conceal.ts';
import { isRefreshFailed, isSessionExpired } from './errors.ts';
import type { CallbackName, SessionNotice } from './events.ts';
import { InvalidInputError } from './invalid-input-error.ts';
import { RefreshFailedError, type RefreshFailureReason, SessionExpiredError } from './session-errors.ts';
import type { ResolvedOptions } from './session-options.ts';
import { kindOf, type TokenSet } from './token-set.ts';
import { isPromiseLike } from './token-store.ts';
import { WaitTimeoutError, withTimeout } from './with-timeout.ts';

/** What a failed refresh means for the session. */
export interface RefreshFault {
  /** `SessionExpiredError` if the refresh was refused for good, otherwise `RefreshFailedError`. */
  readonly error: RefreshFailedError | SessionExpiredError;
  /** The server's `Retry-After` in milliseconds; 0 if the server sent none. */
  readonly retryAfterMs: number;
}

/**
 * Calls the app's callbacks. If one throws, or `canRefresh` or `classifyRefreshError` returns a wrong value, the event `callback-failed`
 * reports that, and the session goes on with a default result.
 */
export class SafeCallbacks<T extends TokenSet> {
  readonly #options: ResolvedOptions<T>;
  readonly #emit: (notice: SessionNotice) => void;

  constructor(options: ResolvedOptions<T>, emit: (notice: SessionNotice) => void) {
    this.#options = options;
    this.#emit = emit;
  }

  canRefresh(tokens: T | null): boolean {
    return (
      this.#call('canRefresh', () => {
        const can: unknown = this.#options.canRefresh(tokens);
        // A promise would count as true, whatever it resolves with.
        if (isPromiseLike(can)) throw new InvalidInputError(kindOf(can));
        return Boolean(can);
      }) ?? false
    );
  }

  /** Returns the app's name for the owner of these tokens; `undefined` if it has none or throws. */
  ownerOf(tokens: T): string | undefined {
    return this.#call('ownerOf', () => this.#options.ownerOf(tokens));
  }

  /**
   * Decides what the error of a refresh means for the session, and conceals the tokens in that error, which loggers would show.
   *
   * @param tokens - the tokens that were refreshed, which the error may quote
   */
  faultOf(error: unknown, tokens: T | null): RefreshFault {
    const kind = this.#kindOf(error);
    const cause = conceal(error, [tokens?.accessToken ?? '', tokens?.refreshToken ?? '']);
    if (kind === 'rejected') {
      const refused = isSessionExpired(cause) ? cause : new SessionExpiredError(undefined, cause);
      return { error: refused, retryAfterMs: 0 };
    }
    const waitMs = retryAfterMs(error) ?? 0;
    return { error: refreshFailed(kind, cause, waitMs), retryAfterMs: waitMs };
  }

  /** Calls the app's `revoke` with tokens that are not used any more. Nothing waits for the call, and its failure is only reported. */
  revoke(tokens: T): void {
    defer(() => this.#options.revoke(tokens))
      .pipe(withTimeout(this.#options.refreshTimeoutMs))
      .subscribe({
        error: () => {
          this.#emit({ type: 'callback-failed', callback: 'revoke' });
        },
      });
  }

  #kindOf(cause: unknown): RefreshFailureReason | 'rejected' {
    if (isRefreshFailed(cause)) return cause.reason;
    if (cause instanceof WaitTimeoutError) return 'timeout';
    const kind = this.#call('classifyRefreshError', () => {
      const own = this.#options.classifyRefreshError(cause);
      if (!['rejected', 'unavailable', 'misconfigured'].includes(own)) throw new InvalidInputError(kindOf(own));
      return own;
    });
    return kind ?? classifyRefreshError(cause);
  }

  #call<R>(callback: CallbackName, work: () => R): R | undefined {
    try {
      return work();
    } catch {
      this.#emit({ type: 'callback-failed', callback });
      return undefined;
    }
  }
}

/**
 * Returns the cause if it is a `RefreshFailedError` itself, which `refresh` may throw, otherwise a new `RefreshFailedError`.
 *
 * @param waitMs - the server's `Retry-After` in milliseconds; 0 if the server sent none
 */
export function refreshFailed(reason: RefreshFailureReason, cause: unknown, waitMs: number): RefreshFailedError {
  if (isRefreshFailed(cause)) return cause;
  return new RefreshFailedError(reason, cause, waitMs > 0 ? asyncScheduler.now() + waitMs : undefined);
}
