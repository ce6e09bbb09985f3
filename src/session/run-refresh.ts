import { defer, from, identity, map, Observable, retry, take, tap, throwIfEmpty } from 'rxjs';
import { tryLater } from './backoff.ts';
import { bounded } from './bounded.ts';
import { RefreshFailedError } from './errors.ts';
import type { RefreshReason } from './events.ts';
import type { ResolvedOptions } from './session-options.ts';
import { isPromiseLike } from './token-store.ts';
import { isTokenSet, withRefreshTokenOf, type TokenSet } from './token-set.ts';

/** What a refresh tells its session while it runs. */
export interface RefreshWatch<T extends TokenSet> {
  /** The signal of the run that begins. */
  began(signal: AbortSignal): void;
  /** Brackets the synchronous part of `refresh`: requests subscribed to in it are the refresh's own. */
  inside(yes: boolean): void;
  /** A promise that ignored the signal has brought tokens after all. */
  late(tokens: T): void;
}

/** One run of the app's `refresh`, as a cold Observable that gives exactly one token set or fails. */
export function runRefresh<T extends TokenSet>(
  options: ResolvedOptions<T>,
  current: T | null,
  reason: RefreshReason,
  watch: RefreshWatch<T>,
): Observable<T> {
  const { refresh, refreshRetries, refreshTimeoutMs } = options;
  return defer(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const abort = (): void => {
      controller.abort();
    };
    const complete = (tokens: unknown): T => {
      if (!isTokenSet(tokens)) throw new RefreshFailedError('invalid-response');
      return withRefreshTokenOf(tokens as T, current);
    };
    watch.began(signal);

    const outside = (): void => {
      watch.inside(false);
    };
    const tries$ = new Observable<unknown>((subscriber) => {
      watch.inside(true);
      try {
        const input = refresh(current, { signal, reason });
        // Before `from` listens to it: when both hear of the value, the run has not ended yet, and it is not late.
        if (isPromiseLike(input)) {
          input.then(
            (tokens) => {
              if (signal.aborted && isTokenSet(tokens)) watch.late(complete(tokens));
            },
            () => undefined,
          );
        }
        // A value that comes at once wakes the waiters at once, and they are outside of `refresh`.
        return from(input)
          .pipe(take(1), tap({ next: outside, error: outside, complete: outside }))
          .subscribe(subscriber);
      } finally {
        outside();
      }
    });

    return tries$.pipe(
      refreshRetries === false
        ? identity
        : retry({ count: refreshRetries.count ?? 2, delay: tryLater(refreshRetries) }),
      map(complete),
      throwIfEmpty(() => new RefreshFailedError('invalid-response')),
      bounded(refreshTimeoutMs),
      // Not after success: the app may still be reading from what the signal guards.
      tap({ error: abort, unsubscribe: abort }),
    );
  });
}
