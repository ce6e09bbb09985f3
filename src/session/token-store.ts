import { from, of, type Observable } from 'rxjs';
import type { TokenSet } from './token-set.ts';

/** Where a session keeps its tokens. Only `get` and `set` are needed. */
export interface TokenStore<T extends TokenSet = TokenSet> {
  /** A store that answers synchronously makes a session that is ready at once. Throwing counts as empty, and is reported. */
  get(): T | null | PromiseLike<T | null>;
  /** Called in order, one write at a time. `null` removes the tokens. */
  set(tokens: T | null): void | PromiseLike<void>;
  /** Writes made by others: another tab, another process. */
  readonly changes$?: Observable<T | null>;
  /** Mutual exclusion among all who share the store; held from the re-reading of the store until the new tokens are written. */
  lock?<R>(work: () => Promise<R>): Promise<R>;
}

/** Tokens live as long as the page or the process. The default. */
export function memoryStore<T extends TokenSet = TokenSet>(initial: T | null = null): TokenStore<T> {
  let tokens = initial;
  return {
    get: () => tokens,
    set: (next) => {
      tokens = next;
    },
  };
}

/** A store's answer as a stream that stays synchronous where the store is. */
export function answer<R>(value: R | PromiseLike<R>): Observable<R> {
  return isPromiseLike<R>(value) ? from(value) : of(value);
}

export function isPromiseLike<R>(value: unknown): value is PromiseLike<R> {
  return typeof (value as PromiseLike<R> | null | undefined)?.then === 'function';
}
