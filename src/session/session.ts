/// <reference lib="esnext.disposable" preserve="true" />
import { defer, type Observable } from 'rxjs';
import type { SessionEvent } from './events.ts';
import { SessionCore } from './session-core.ts';
import { internalsKey, type SessionInternals } from './session-internals.ts';
import type { SessionOptions } from './session-options.ts';
import type { SessionState } from './session-state.ts';
import type { TokenSet } from './token-set.ts';

/**
 * Holds one user's token set and refreshes it. Create one for each user and API: in a browser that is one, on a server one for each
 * person (see `createSessionPool`).
 */
export interface Session<T extends TokenSet = TokenSet> {
  /** The current state. */
  readonly state: SessionState<T>;
  /** Emits the current state at subscription and then each new one. Completes at `dispose()`; never fails. */
  readonly state$: Observable<SessionState<T>>;
  /**
   * Starts a refresh at subscription, or joins the one in flight; emits the tokens that are current after it, and completes. The refresh
   * runs to its end even if it is unsubscribed. Fails with `SessionExpiredError` if the refresh was refused for good, with
   * `RefreshFailedError` if it failed otherwise, and with `SessionChangedError` if the owner changed meanwhile.
   *
   * @example
   * ```ts
   * retryButton.onclick = () => session.refresh$.subscribe({ error: (error) => showMessage(String(error)) });
   * ```
   */
  readonly refresh$: Observable<T>;
  /**
   * Emits what happens to the session: for logs, developer tools and redirects. Hot, except that the events of `createSession`
   * itself wait for the first subscriber. Completes at `dispose()`; never fails.
   *
   * @example
   * ```ts
   * session.events$
   *   .pipe(filter((event) => event.type === 'signed-out' && event.reason === 'expired'))
   *   .subscribe(() => location.assign('/sign-in'));
   * ```
   */
  readonly events$: Observable<SessionEvent>;
  /**
   * Emits tokens that live for at least `forMs` milliseconds, after at most one refresh, and completes: for a WebSocket, for SignalR, for a
   * large upload. Tokens that were just refreshed are emitted even if they expire sooner. Emits `null` if nobody is signed in and a
   * refresh by a cookie is not possible (`canRefresh` returns false, or somebody has signed out) or is refused. Tokens without `expiresAt`
   * count as living, unless a server has rejected them. If the refresh of tokens that still live fails but is not refused, the old tokens
   * are emitted. After any other failure the Observable fails with the error of the refresh.
   *
   * @param options - `forMs`: milliseconds, 0 or more; by default 0
   * @throws InvalidInputError if `forMs` is not a number of 0 or more
   * @example
   * ```ts
   * session.validTokens({ forMs: 60_000 }).subscribe((tokens) => connect(tokens?.accessToken));
   * ```
   */
  validTokens(options?: { readonly forMs?: number }): Observable<T | null>;
  /**
   * Signs somebody in with these tokens, as a new owner. Takes effect synchronously: requests of the former owner that wait fail with
   * `SessionChangedError`, and a refresh in flight ends.
   *
   * @returns a promise that resolves when the write to the store has ended. For a shared store it rejects with `StoreFailedError` if the
   * tokens could not be written yet; a failure of any other store is only reported, by the event `store-failed`
   * @throws InvalidInputError, synchronously, for anything but a token set, and after `dispose()`
   * @example
   * ```ts
   * const { data } = await axios.post('/auth/sign-in', credentials);
   * await session.signIn({ accessToken: data.access_token, refreshToken: data.refresh_token });
   * ```
   */
  signIn(tokens: T): Promise<void>;
  /**
   * Replaces the tokens by newer ones of the same owner that the app got elsewhere, such as from an SDK or a header of a response.
   * Takes effect synchronously, and waiting requests are sent with them. If the new token set has no `refreshToken`, the current
   * one is kept.
   *
   * @returns a promise that resolves when the write to the store has ended. It rejects with `SessionChangedError` if nobody is signed in,
   * and with `StoreFailedError` if the tokens could not be written to a shared store yet; a failure of any other store is only reported,
   * by the event `store-failed`
   * @throws InvalidInputError, synchronously, for anything but a token set, and after `dispose()`
   * @example
   * ```ts
   * sdk.onTokenRenewed((accessToken) => session.update({ accessToken }));
   * ```
   */
  update(tokens: T): Promise<void>;
  /**
   * Signs out. Takes effect synchronously: waiting requests fail with `SessionChangedError`, and a refresh in flight ends. The
   * option `revoke` is called with the tokens.
   *
   * @returns a promise that resolves when the write to the store has ended. It rejects with `StoreFailedError` if a shared store could
   * not be emptied yet; a failure of any other store is only reported, by the event `store-failed`
   * @throws InvalidInputError, synchronously, after `dispose()`
   */
  signOut(): Promise<void>;
  /**
   * Ends the session and leaves its tokens in the store, so that a later session restores them. Waiting requests fail with
   * `SessionChangedError`, `state$` and `events$` complete, and the session cannot be used any more.
   */
  dispose(): void;
  /** The same as `dispose()`, for `using`. */
  [Symbol.dispose](): void;
  /** @internal */
  readonly [internalsKey]: SessionInternals;
}

/**
 * Creates a session. If its store is synchronous, the session knows at once who is signed in; otherwise its status is `restoring`,
 * and requests wait.
 *
 * @throws InvalidInputError for an option of the wrong kind or out of its range, or (in development) one that does not exist
 * @example
 * ```ts
 * const session = createSession({
 *   refresh: async (tokens, { signal }) => {
 *     const { data } = await axios.post('/auth/refresh', { refreshToken: tokens?.refreshToken }, { signal });
 *     return { accessToken: data.access_token, refreshToken: data.refresh_token };
 *   },
 * });
 * ```
 */
export function createSession<T extends TokenSet = TokenSet>(options: SessionOptions<T>): Session<T> {
  return new PublicSession(options);
}

/**
 * A class, because a gateway keeps thousands of sessions, and an object of closures is ten times as large. The class is made in a
 * call marked as pure: bundlers would otherwise keep a class with a computed name, and with it the whole session, in bundles that
 * do not use it.
 */
const PublicSession = /* @__PURE__ */ (() =>
  class PublicSession<T extends TokenSet> implements Session<T> {
    readonly #core: SessionCore<T>;
    #refresh$: Observable<T> | undefined;

    constructor(options: SessionOptions<T>) {
      this.#core = new SessionCore(options);
    }

    get state(): SessionState<T> {
      return this.#core.state;
    }
    get state$(): Observable<SessionState<T>> {
      return this.#core.record.state$;
    }
    get events$(): Observable<SessionEvent> {
      return this.#core.record.events$;
    }
    get refresh$(): Observable<T> {
      return (this.#refresh$ ??= defer(() => this.#core.refresh()));
    }
    get [internalsKey](): SessionInternals {
      return this.#core;
    }

    // Properties in place of methods, so that `const { signOut } = session` works.
    readonly validTokens = (options: { readonly forMs?: number } = {}): Observable<T | null> =>
      this.#core.validTokens(options);
    readonly signIn = (tokens: T): Promise<void> => this.#core.signIn(tokens);
    readonly update = (tokens: T): Promise<void> => this.#core.update(tokens);
    readonly signOut = (): Promise<void> => this.#core.signOut();
    readonly dispose = (): void => {
      this.#core.dispose();
    };
    [Symbol.dispose](): void {
      this.#core.dispose();
    }
  })();
