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
import type { RefreshReason, SessionNotice } from './events.ts';
import { InvalidInputError } from './invalid-input-error.ts';
import { RefreshFailedError } from './session-errors.ts';
import type { ResolvedOptions } from './session-options.ts';
import { isPromiseLike } from './token-store.ts';
import { checkTokens, kindOf, withRefreshTokenOf, type TokenSet } from './token-set.ts';
import { withTimeout } from './with-timeout.ts';

/** Tokens that `refresh` returned after its call was aborted. */
export interface LateTokens<T extends TokenSet> {
  readonly tokens: T;
  /** The refresh token that `refresh` was called with. No field of `RefreshCall`, which would keep it in memory after a sign-out. */
  readonly presented: string | undefined;
}

/** One call of the app's `refresh`, and the further tries after a response that says "try later". Nothing else calls `refresh`. */
export class RefreshCall<T extends TokenSet> {
  readonly #options: ResolvedOptions<T>;
  readonly reason: RefreshReason;
  readonly #emit: (notice: SessionNotice) => void;
  readonly #controller = new AbortController();
  readonly #late$ = new Subject<LateTokens<T>>();
  #isInside = false;
  /** The session's generation (a number that grows with each new token set) when `refresh` was called; -1 before the call. */
  generation = -1;

  constructor(options: ResolvedOptions<T>, reason: RefreshReason, emit: (notice: SessionNotice) => void) {
    this.#options = options;
    this.reason = reason;
    this.#emit = emit;
  }

  /**
   * Emits the tokens if the promise of `refresh` resolves only after this call was aborted, such as by a timeout. If they were dropped, the
   * person might have to sign in again, because the server may accept no older tokens any more.
   */
  get late$(): Observable<LateTokens<T>> {
    return this.#late$;
  }

  /**
   * Whether this call of `refresh` makes a request: one with the call's signal, or one made in the synchronous part of `refresh`. Such a
   * request must not wait for the refresh, which would wait for the request.
   */
  isOwnRequest(signal: unknown): boolean {
    return this.#isInside || signal === this.#controller.signal;
  }

  /** Calls `refresh` at subscription. Emits exactly one token set, or fails. */
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
      map((tokens) => this.#complete(tokens, current)),
      throwIfEmpty(() => new RefreshFailedError('invalid-response')),
      withTimeout(refreshTimeoutMs),
      // Do not abort after success: the app may still be reading a body that the signal guards.
      tap({ error: abort, unsubscribe: abort }),
      // Emit only after the source has completed: subscribers that unsubscribe at the value would otherwise trigger `abort` above.
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
        // Reset `#isInside` before the value is passed on: a synchronous value releases waiting requests at once, and they would be taken
        // for requests of `refresh` and sent without a token.
        return (isPromiseLike<T>(input) ? this.#settled(input, current) : this.#inputOf(input))
          .pipe(take(1), tap({ next: leave, error: leave, complete: leave }))
          .subscribe(subscriber);
      } finally {
        leave();
      }
    });
  }

  /** Emits what a promise resolves with. Calls `then` once: that of a lazy promise makes the request, as with query builders. */
  #settled(promise: PromiseLike<T>, current: T | null): Observable<T> {
    return new Observable((subscriber) => {
      promise
        .then(
          (tokens) => {
            if (this.#controller.signal.aborted)
              this.#late$.next({ tokens: this.#complete(tokens, current), presented: current?.refreshToken });
            else subscriber.next(tokens);
          },
          (error: unknown) => {
            subscriber.error(error);
          },
        )
        .then(undefined, () => undefined);
    });
  }

  /** Checks the value that `refresh` returned, and adds the current refresh token if the new set has none. */
  #complete(value: unknown, current: T | null): T {
    const { tokens, fault } = checkTokens<T>(value);
    if (fault) this.#reportFault(fault);
    if (!tokens) throw new RefreshFailedError('invalid-response', new InvalidInputError(`refresh gave: ${fault}.`));
    return withRefreshTokenOf(tokens, current);
  }

  #inputOf(input: ObservableInput<T>): Observable<T> {
    try {
      return from(input);
    } catch {
      const fault = `${kindOf(input)} is no promise or observable of tokens`;
      this.#reportFault(fault);
      throw new RefreshFailedError('misconfigured', new InvalidInputError(`refresh gave: ${fault}.`));
    }
  }

  #reportFault(fault: string): void {
    this.#emit({ type: 'tokens-faulty', message: `refresh: ${fault}` });
  }
}
