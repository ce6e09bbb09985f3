import { defer } from 'rxjs';
import { bounded } from './bounded.ts';
import { classifyRefreshError, type RefreshErrorClass } from './classify-refresh-error.ts';
import type { SessionEvent } from './events.ts';
import type { ResolvedOptions } from './session-options.ts';
import type { TokenSet } from './token-set.ts';

/** The app's callbacks, made safe: one that throws is reported, and changes no outcome. */
export interface Callbacks<T extends TokenSet> {
  canRefresh(this: void, tokens: T | null): boolean;
  classify(this: void, error: unknown): RefreshErrorClass;
  revoke(this: void, tokens: T): void;
}

export function safeCallbacks<T extends TokenSet>(
  options: ResolvedOptions<T>,
  emit: (event: SessionEvent) => void,
): Callbacks<T> {
  const failed = (callback: 'canRefresh' | 'classifyRefreshError' | 'revoke'): void => {
    emit({ type: 'callback-failed', callback });
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
    classify: (error) => {
      try {
        return options.classifyRefreshError(error);
      } catch {
        failed('classifyRefreshError');
        return classifyRefreshError(error);
      }
    },
    revoke: (tokens) => {
      defer(() => options.revoke(tokens))
        .pipe(bounded(options.refreshTimeoutMs))
        .subscribe({
          error: () => {
            failed('revoke');
          },
        });
    },
  };
}
