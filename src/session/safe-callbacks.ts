import { defer, TimeoutError } from 'rxjs';
import { withTimeout } from './with-timeout.ts';
import { classifyRefreshError, type RefreshErrorKind } from './classify-refresh-error.ts';
import { RefreshFailedError, SessionExpiredError } from './errors.ts';
import type { SessionEvent } from './events.ts';
import type { ResolvedOptions } from './session-options.ts';
import type { TokenSet } from './token-set.ts';

/** The app's callbacks, made safe: one that throws is reported, and changes no outcome. */
export interface SafeCallbacks<T extends TokenSet> {
  canRefresh(this: void, tokens: T | null): boolean;
  /** What a refresh that ended with this error means for the session. */
  failureOf(this: void, cause: unknown): RefreshFailedError | SessionExpiredError;
  revoke(this: void, tokens: T): void;
}

export function safeCallbacks<T extends TokenSet>(
  options: ResolvedOptions<T>,
  emit: (event: SessionEvent) => void,
): SafeCallbacks<T> {
  const failed = (callback: 'canRefresh' | 'classifyRefreshError' | 'revoke'): void => {
    emit({ type: 'callback-failed', callback });
  };
  const classify = (error: unknown): RefreshErrorKind => {
    try {
      return options.classifyRefreshError(error);
    } catch {
      failed('classifyRefreshError');
      return classifyRefreshError(error);
    }
  };
  return {
    canRefresh: (tokens) => {
      try {
        return options.canRefresh(tokens);
      } catch {
        failed('canRefresh');
        return false;
      }
    },
    failureOf: (cause) => {
      if (cause instanceof RefreshFailedError) return cause;
      if (cause instanceof TimeoutError) return new RefreshFailedError('timeout', cause);
      const kind = classify(cause);
      if (kind !== 'rejected') return new RefreshFailedError(kind, cause);
      return cause instanceof SessionExpiredError ? cause : new SessionExpiredError(undefined, cause);
    },
    revoke: (tokens) => {
      defer(() => options.revoke(tokens))
        .pipe(withTimeout(options.refreshTimeoutMs))
        .subscribe({
          error: () => {
            failed('revoke');
          },
        });
    },
  };
}
