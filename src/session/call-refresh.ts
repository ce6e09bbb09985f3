import {
  defer,
  from,
  identity,
  map,
  Observable,
  type ObservableInput,
  retry,
  Subject,
  take,
  takeLast,
  tap,
  throwIfEmpty,
} from 'rxjs';
import { refreshRetryDelay } from './backoff.ts';
import { InvalidInputError, RefreshFailedError } from './errors.ts';
import type { RefreshReason, SessionNotice } from './events.ts';
import type { ResolvedOptions } from './session-options.ts';
import { isPromiseLike } from './token-store.ts';
import { checkTokens, kindOf, withRefreshTokenOf, type TokenSet } from './token-set.ts';
import { withTimeout } from './with-timeout.ts';

/** One call of the app's `refresh`, with its further tries. The only place that calls it. */
export class RefreshCall<T extends TokenSet> {
  readonly #options: ResolvedOptions<T>;
  readonly reason: RefreshReason;
  readonly #emit: (notice: SessionNotice) => void;
  readonly #controller = new AbortController();
  readonly #late$ = new Subject<T>();
  #isInside = false;
  /** The generation that the call is to replace; -1 before the call. */
  generation = -1;
  presented: string | undefined;

  constructor(options: ResolvedOptions<T>, reason: RefreshReason, emit: (notice: SessionNotice) => void) {
    this.#options = options;
    this.reason = reason;
    this.#emit = emit;
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
      this.presented = current?.refreshToken;
      return this.#try(current);
    }).pipe(
      refreshRetries === false
        ? identity
        : retry({ count: refreshRetries.count ?? 2, delay: refreshRetryDelay(refreshRetries) }),
      map((tokens) => this.#complete(tokens, current)),
      throwIfEmpty(() => new RefreshFailedError('invalid-response')),
      withTimeout(refreshTimeoutMs),
      // Not after success: the app may still be reading from what the signal guards.
      tap({ error: abort, unsubscribe: abort }),
      // Emits when the source has completed: whatever the value leads to, unsubscribing included, comes after success.
      takeLast(1),
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
        const input = this.#options.refresh(current, { signal, reason: this.reason });
        // Before `from` subscribes to it: when both are notified of the value, the call has not ended yet, and it is not late.
        if (isPromiseLike(input)) {
          input
            .then((tokens) => {
              if (signal.aborted) this.#late$.next(this.#complete(tokens, current));
            })
            .then(undefined, () => undefined);
        }
        // A value that comes at once releases waiting requests at once: they are not made in `refresh`.
        return inputOf(input)
          .pipe(take(1), tap({ next: leave, error: leave, complete: leave }))
          .subscribe(subscriber);
      } finally {
        leave();
      }
    });
  }

  /** The token set that `refresh` gave, with what it leaves in force. */
  #complete(value: unknown, current: T | null): T {
    const { tokens, fault } = checkTokens<T>(value);
    if (!tokens) throw new RefreshFailedError('invalid-response', new InvalidInputError(`Given: ${fault}.`));
    if (fault) this.#emit({ type: 'tokens-faulty', message: `refresh: ${fault}` });
    return withRefreshTokenOf(tokens, current);
  }
}

function inputOf<T>(input: ObservableInput<T>): Observable<T> {
  try {
    return from(input);
  } catch {
    const cause = new InvalidInputError(
      `refresh returns a promise or an observable of tokens; given: ${kindOf(input)}.`,
    );
    throw new RefreshFailedError('misconfigured', cause);
  }
}
