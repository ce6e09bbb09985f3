import { defer, from, identity, map, Observable, retry, Subject, take, tap, throwIfEmpty } from 'rxjs';
import { refreshRetryDelay } from './backoff.ts';
import { RefreshFailedError } from './errors.ts';
import type { RefreshReason } from './events.ts';
import type { ResolvedOptions } from './session-options.ts';
import { isPromiseLike } from './token-store.ts';
import { isTokenSet, withRefreshTokenOf, type TokenSet } from './token-set.ts';
import { withTimeout } from './with-timeout.ts';

/** One call of the app's `refresh`, with its further tries. The only place that calls it. */
export class RefreshCall<T extends TokenSet> {
  readonly #options: ResolvedOptions<T>;
  readonly #reason: RefreshReason;
  readonly #controller = new AbortController();
  readonly #late$ = new Subject<T>();
  #isInside = false;
  /** The generation that the call is to replace; -1 before the call. */
  generation = -1;

  constructor(options: ResolvedOptions<T>, reason: RefreshReason) {
    this.#options = options;
    this.#reason = reason;
  }

  /** Tokens that a promise brought after all, although the call had been aborted. */
  get late$(): Observable<T> {
    return this.#late$;
  }

  /** Whether a request is the call's own: it has the call's signal, or is made in the synchronous part of `refresh`. */
  isOwnRequest(signal: unknown): boolean {
    return this.#isInside || signal === this.#controller.signal;
  }

  /** Calls `refresh` when subscribed to. Emits exactly one token set, or fails. */
  tokens$(current: T | null, generation: number): Observable<T> {
    const { refreshRetries, refreshTimeoutMs } = this.#options;
    const abort = (): void => {
      this.#controller.abort();
    };
    return defer(() => {
      this.generation = generation;
      return this.#try(current);
    }).pipe(
      refreshRetries === false
        ? identity
        : retry({ count: refreshRetries.count ?? 2, delay: refreshRetryDelay(refreshRetries) }),
      map((tokens) => complete(tokens, current)),
      throwIfEmpty(() => new RefreshFailedError('invalid-response')),
      withTimeout(refreshTimeoutMs),
      // Not after success: the app may still be reading from what the signal guards.
      tap({ error: abort, unsubscribe: abort }),
    );
  }

  #try(current: T | null): Observable<unknown> {
    const { signal } = this.#controller;
    const leave = (): void => {
      this.#isInside = false;
    };
    return new Observable((subscriber) => {
      this.#isInside = true;
      try {
        const input = this.#options.refresh(current, { signal, reason: this.#reason });
        // Before `from` subscribes to it: when both are notified of the value, the call has not ended yet, and it is not late.
        if (isPromiseLike(input)) {
          input.then(
            (tokens) => {
              if (signal.aborted && isTokenSet(tokens)) this.#late$.next(complete(tokens, current));
            },
            () => undefined,
          );
        }
        // A value that comes at once releases waiting requests at once: they are not made in `refresh`.
        return from(input)
          .pipe(take(1), tap({ next: leave, error: leave, complete: leave }))
          .subscribe(subscriber);
      } finally {
        leave();
      }
    });
  }
}

function complete<T extends TokenSet>(tokens: unknown, current: T | null): T {
  if (!isTokenSet(tokens)) throw new RefreshFailedError('invalid-response');
  return withRefreshTokenOf(tokens as T, current);
}
