import { from, of, type Observable } from 'rxjs';
import { requireTokens, type TokenSet } from './token-set.ts';

/**
 * Where a session keeps its tokens: a store of one holder. If it fails, the session goes on in memory. Several tabs or processes
 * that share one do each other no harm, but each refreshes for itself: `sharedStore` is for them.
 */
export interface TokenStore<T extends TokenSet = TokenSet> {
  /**
   * A store that answers synchronously makes a session that is ready at once. One that throws is not taken for empty: the session
   * is `unavailable` until it can be read.
   */
  get(): T | null | PromiseLike<T | null>;
  /**
   * Replaces what the store holds, all of it. Called in order, one write at a time. `null` removes the tokens. The set has the
   * field `owner`: a store that keeps it lets several tabs tell one sign-in from another.
   */
  set(tokens: T | null): void | PromiseLike<void>;
}

/**
 * Tokens live as long as the page or the process. The default.
 *
 * @throws InvalidInputError for what is no token set
 */
export function memoryStore<T extends TokenSet = TokenSet>(initial: T | null = null): TokenStore<T> {
  let tokens = initial && requireTokens('memoryStore()', initial);
  return {
    get: () => tokens,
    set: (next) => {
      tokens = next;
    },
  };
}

/** A store's answer as a stream that stays synchronous where the store is. */
export function fromSyncOrPromise<R>(value: R | PromiseLike<R>): Observable<R> {
  return isPromiseLike<R>(value) ? from(value) : of(value);
}

export function isPromiseLike<R>(value: unknown): value is PromiseLike<R> {
  return typeof (value as PromiseLike<R> | null | undefined)?.then === 'function';
}
