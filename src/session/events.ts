import type { RefreshFailureReason } from './session-errors.ts';

/**
 * Why a refresh runs.
 * - `unauthorized`: a server responded with 401 to the current token.
 * - `expiring`: a request found the token at or near its `expiresAt`, or `validTokens()` found that it will not live long enough or has
 *   been rejected.
 * - `requested`: `refresh$` was subscribed to, or `validTokens()` found no tokens but `canRefresh` returned true.
 */
export type RefreshReason = 'unauthorized' | 'expiring' | 'requested';

/**
 * Why a session is signed out.
 * - `sign-out`: the app called `signOut()`.
 * - `expired`: the refresh was refused for good, here or at another holder of the store.
 * - `elsewhere`: another holder of the store (a session that shares it) signed out, or emptied the store.
 */
export type SignOutReason = 'sign-out' | 'expired' | 'elsewhere';

/** The figures of a refresh, which are part of the event at its end. */
export interface RefreshFigures {
  /** How long the refresh took, in milliseconds, 0 or more. */
  readonly durationMs: number;
  /** How many requests waited for the refresh, also if they were cancelled. Subscribers of `refresh$` and `validTokens()` do not count. */
  readonly waiting: number;
}

/** A `SessionEvent` without its time, which `SessionRecord.emit` adds. In each, `generation` is that of the tokens after the event. */
export type SessionNotice =
  /** The store was read for the first time and holds the tokens of somebody who is signed in. */
  | { readonly type: 'restored'; readonly generation: number }
  /** Somebody signed in, here or at another session that shares the store. */
  | { readonly type: 'signed-in'; readonly generation: number }
  /** The session had tokens and is signed out now, for `reason`. */
  | { readonly type: 'signed-out'; readonly reason: SignOutReason }
  /** A refresh started; `generation` is that of the tokens that it is to replace. */
  | { readonly type: 'refresh-started'; readonly reason: RefreshReason; readonly generation: number }
  /** A refresh succeeded, and its tokens are current. */
  | ({ readonly type: 'refresh-succeeded'; readonly generation: number } & RefreshFigures)
  /**
   * A refresh ended without tokens. `rejected`: it was refused for good. `session-changed`: somebody signed in or out, or the session was
   * disposed of. For the other reasons see `RefreshFailureReason`: the session is kept.
   */
  | ({
      readonly type: 'refresh-failed';
      readonly reason: RefreshFailureReason | 'rejected' | 'session-changed';
      /** When the server's `Retry-After` ends, in epoch milliseconds; absent if the server sent none. */
      readonly retryAt?: number;
    } & RefreshFigures)
  /** Newer tokens of the same owner are current: another session that shares the store refreshed, or the app called `update()`. */
  | { readonly type: 'tokens-adopted'; readonly generation: number }
  /** A request is sent again with newer tokens. */
  | { readonly type: 'request-resent'; readonly generation: number }
  /**
   * A request got a 401 as its outcome, without a refresh, because the `WWW-Authenticate` header of the 401 says that the token is not the
   * problem. `error` is the code in that header, such as `insufficient_scope` (RFC 6750) or `insufficient_user_authentication` (RFC 9470).
   */
  | { readonly type: 'challenged'; readonly error: string }
  /** The store could not be read, written or locked, or it does not hold tokens. `message` says why and quotes no token. */
  | { readonly type: 'store-failed'; readonly operation: StoreOperation; readonly message: string }
  /**
   * `refresh` returned tokens, or the store holds tokens, with an unusable `expiresAt`: they are used without it. Or `refresh` returned a
   * value that is no token set, and the refresh failed. `message` says what is wrong and quotes no value.
   */
  | { readonly type: 'tokens-faulty'; readonly message: string }
  /**
   * A callback of the app threw, failed, or returned a wrong value. A failed `canRefresh` or `isUnauthorized` counts as false; any
   * other callback is replaced by its default for this call.
   */
  | { readonly type: 'callback-failed'; readonly callback: CallbackName };

/**
 * The operation of a session on its store that failed: a read, a write, taking its lock, or `changes$`, which is the subscription to the
 * store's notifications (`news$` of a `Cell`).
 */
export type StoreOperation = 'get' | 'set' | 'lock' | 'changes$';
/**
 * The callbacks whose failure is reported by `callback-failed`: options of `createSession`, and `isUnauthorized`, which is an option of
 * `createClient`, `sessionFetch`, `retryOnUnauthorized` and the other functions by which requests take part in the session.
 */
export type CallbackName = 'canRefresh' | 'classifyRefreshError' | 'isUnauthorized' | 'revoke' | 'ownerOf';

/** What happened to a session, by `type`. For logs, developer tools and redirects; no event ever holds a token. */
export type SessionEvent = SessionNotice & {
  /** When it happened, in epoch milliseconds. */
  readonly at: number;
};
