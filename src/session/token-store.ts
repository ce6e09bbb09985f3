import { from, of, type Observable } from 'rxjs';
import { requireTokens, type TokenSet } from './token-set.ts';

/**
 * Where a session keeps its tokens, for a store that one session uses. If it fails, the session goes on with the tokens in memory
 * and emits `store-failed`. If several tabs or processes use one, each refreshes for itself and adopts what the others wrote; use
 * `sharedStore` for one refresh among all of them.
 *
 * @example A store in a file, for a command-line tool
 * ```ts
 * const store: TokenStore = {
 *   get: () => (existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as TokenSet) : null),
 *   set: (tokens) => (tokens ? writeFileSync(path, JSON.stringify(tokens), { mode: 0o600 }) : rmSync(path, { force: true })),
 * };
 * ```
 */
export interface TokenStore<T extends TokenSet = TokenSet> {
  /**
   * Returns the stored tokens, or `null` if there are none. If they are returned synchronously, the session knows at once who is
   * signed in. If the first `get` throws or rejects, the status is `unavailable`, and the next request calls `get` again.
   */
  get(): T | null | PromiseLike<T | null>;
  /**
   * Replaces the stored tokens; `null` removes them. The next call comes only after the promise of the last one has settled, or has taken
   * longer than `storeTimeoutMs`. Keep the field `owner` with the tokens: by it several tabs distinguish one sign-in from another.
   */
  set(tokens: T | null): void | PromiseLike<void>;
}

/**
 * Creates a store in memory, whose tokens live as long as the page or the process. The default of `createSession`.
 *
 * @param initial - tokens to start with; by default `null`, so that nobody is signed in
 * @throws InvalidInputError if `initial` is no token set
 * @example A session that starts with the tokens of a server-side session
 * ```ts
 * const session = createSession({ refresh, store: memoryStore({ accessToken, refreshToken }) });
 * ```
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

/** Turns what a store returned into an Observable, which emits synchronously if it is not a promise. */
export function fromSyncOrPromise<R>(value: R | PromiseLike<R>): Observable<R> {
  return isPromiseLike<R>(value) ? from(value) : of(value);
}

export function isPromiseLike<R>(value: unknown): value is PromiseLike<R> {
  return typeof (value as PromiseLike<R> | null | undefined)?.then === 'function';
}
