import type { RefreshReason, SignOutReason } from './events.ts';
import type { TokenSet } from './token-set.ts';

/**
 * The status of a session.
 * - `restoring`: an asynchronous store is being read for the first time. Requests wait.
 * - `signed-out`: nobody is signed in. Requests are sent without a token.
 * - `signed-in`: the session has tokens. The access token may be past its expiry: then the next request refreshes it.
 * - `refreshing`: a refresh is in flight. Requests wait for it only if there is no token, or the token is past its expiry or rejected.
 * - `unavailable`: the store could not be read yet, so it is unknown who is signed in. The next request reads it again.
 * - `disposed`: the session has ended and `state$` has completed. Requests fail.
 */
export type SessionStatus = 'restoring' | 'signed-out' | 'signed-in' | 'refreshing' | 'unavailable' | 'disposed';

/** A snapshot of a session. It is never mutated: each change makes a new object. */
export interface SessionState<T extends TokenSet = TokenSet> {
  /** Whether somebody is signed in, and what the session is doing. */
  readonly status: SessionStatus;
  /** The current tokens; `null` if nobody is signed in. While `refreshing`, those that are being refreshed. */
  readonly tokens: T | null;
  /** Grows by one with every new token set, which may come from a sign-in, a refresh, `update()` or another session of a shared store. */
  readonly generation: number;
  /**
   * The current sign-in: a random identifier that is not secret and is the same for all sessions that share the store; `null` if nobody
   * is signed in. It stays the same over refreshes, so use it as a key for what belongs to one person, such as a cache.
   *
   * With a store of one holder that does not keep the field `owner` of the token set, a restored session has the owner `unnamed`, whoever
   * is signed in. It is no key for data that outlives the page then.
   */
  readonly owner: string | null;
  /**
   * A `RefreshReason` while `refreshing`. A `SignOutReason` while `signed-out`; absent then if no sign-out has happened since this
   * session was created. Absent in every other status.
   */
  readonly reason?: RefreshReason | SignOutReason;
}
