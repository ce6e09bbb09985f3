import { asyncScheduler, defer } from 'rxjs';
import { retryAfterMs } from './backoff.ts';
import { classifyRefreshError } from './classify-refresh-error.ts';
import { conceal } from './conceal.ts';
import {
  InvalidInputError,
  isRefreshFailed,
  isSessionExpired,
  RefreshFailedError,
  type RefreshFailureReason,
  SessionExpiredError,
} from './errors.ts';
import type { CallbackName, SessionNotice } from './events.ts';
import type { ResolvedOptions } from './session-options.ts';
import { kindOf, type TokenSet } from './token-set.ts';
import { WaitTimeoutError, withTimeout } from './with-timeout.ts';

/** What a failed refresh means: `RefreshFailedError` for now, `SessionExpiredError` for good. */
export interface RefreshFault {
  readonly error: RefreshFailedError | SessionExpiredError;
  /** How long the server asked to be left alone, in milliseconds; 0 if it did not say. */
  readonly retryAfterMs: number;
}

/** The app's callbacks, made safe: one that throws, or gives what it may not, is reported, and changes no outcome. */
export class SafeCallbacks<T extends TokenSet> {
  readonly #options: ResolvedOptions<T>;
  readonly #emit: (notice: SessionNotice) => void;

  constructor(options: ResolvedOptions<T>, emit: (notice: SessionNotice) => void) {
    this.#options = options;
    this.#emit = emit;
  }

  canRefresh(tokens: T | null): boolean {
    return this.#call('canRefresh', () => this.#options.canRefresh(tokens)) ?? false;
  }

  /** Whose tokens these are by the app's own knowledge, if it has any. */
  ownerOf(tokens: T): string | undefined {
    return this.#call('ownerOf', () => this.#options.ownerOf(tokens));
  }

  /**
   * What a refresh that ended with this error means for the session.
   *
   * @param tokens - those that it may quote
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

/** @param waitMs - how long the server asked to be left alone; 0 if it did not say */
export function refreshFailed(reason: RefreshFailureReason, cause: unknown, waitMs: number): RefreshFailedError {
  if (isRefreshFailed(cause)) return cause;
  return new RefreshFailedError(reason, cause, waitMs > 0 ? asyncScheduler.now() + waitMs : undefined);
}
