/// <reference lib="esnext.disposable" preserve="true" />
import { defer, type Observable } from 'rxjs';
import type { SessionEvent } from './events.ts';
import { SessionCore } from './session-core.ts';
import { internalsKey, type SessionInternals } from './session-internals.ts';
import type { SessionOptions } from './session-options.ts';
import type { SessionState } from './session-state.ts';
import type { TokenSet } from './token-set.ts';

/** Owner of one user's token set; knows how to refresh it. One per user and API: on a server, one per person (see `createSessionPool`). */
export interface Session<T extends TokenSet = TokenSet> {
  /** What the session is now. */
  readonly state: SessionState<T>;
  /** Replays the current state, then each change. Completes at `dispose()`. */
  readonly state$: Observable<SessionState<T>>;
  /**
   * Subscribing starts a refresh or joins the one in flight; gives the tokens in force after it, once. Leaving does not stop it.
   * Fails with `SessionExpiredError`, `RefreshFailedError` or `SessionChangedError`.
   */
  readonly refresh$: Observable<T>;
  /** Hot. For logs, devtools, redirects; never holds a token. Completes at `dispose()`. */
  readonly events$: Observable<SessionEvent>;
  /**
   * Tokens that are good for at least `forMs` milliseconds, after at most one refresh: for a WebSocket, SignalR, a large upload.
   * One value; `null` if nobody is signed in. Tokens whose expiry is unknown are good. If the refresh fails for now, the old tokens
   * are given while they live. Fails as `refresh$` does.
   *
   * @param options - `forMs`: 0 or more. @defaultValue `0`
   * @throws InvalidInputError for another `forMs`
   * @example
   * ```ts
   * session.validTokens({ forMs: 60_000 }).subscribe((tokens) => connect(tokens?.accessToken));
   * ```
   */
  validTokens(options?: { readonly forMs?: number }): Observable<T | null>;
  /**
   * A new sign-in: in force when it returns; the promise tells when the store has it. Ends what runs for the former owner.
   *
   * @throws InvalidInputError for what is no token set. The promise rejects with `StoreFailedError` if a shared store could not be told
   */
  signIn(tokens: T): Promise<void>;
  /**
   * Newer tokens of the same owner that the app got by other means: an SDK, a sliding header. In force when it returns; requests
   * that wait go on with them. Without a `refreshToken` in it the old one stays in force.
   *
   * @throws InvalidInputError for what is no token set. The promise rejects with `SessionChangedError` if nobody is signed in, and with
   * `StoreFailedError` if a shared store could not be told
   */
  update(tokens: T): Promise<void>;
  /** In force when it returns; the promise tells when the store is empty. Requests that wait fail with `SessionChangedError`. */
  signOut(): Promise<void>;
  /** Ends what runs and leaves the store as it is. Not to be used afterwards. */
  dispose(): void;
  [Symbol.dispose](): void;
  /** @internal */
  readonly [internalsKey]: SessionInternals;
}

/**
 * Makes a session. It is ready at once if its store answers synchronously; else it is `restoring` and requests wait.
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
 * A class, because a gateway keeps thousands of sessions, and objects of closures are ten times as large. It is made by a pure call,
 * because bundlers keep a class with a computed name in it, and with it the whole session, even if nothing creates a session.
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

    // Functions of the instance, so that `const { signOut } = session` works.
    readonly validTokens = ({ forMs = 0 }: { readonly forMs?: number } = {}): Observable<T | null> =>
      this.#core.validTokens(forMs);
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
