import type { RefreshReason, SignOutReason } from './events.ts';
import type { TokenSet } from './token-set.ts';

/**
 * - `restoring`: an asynchronous store is being read for the first time, and requests wait.
 * - `signed-out`: nobody is signed in.
 * - `signed-in`: there are tokens, which may be dead: a request finds out.
 * - `refreshing`: a refresh runs. Requests wait for it only if the current token is dead or rejected.
 * - `unavailable`: the store could not be read, so that nobody knows who is signed in. The next request reads it again.
 * - `disposed`: the session has ended; `state$` has completed.
 */
export type SessionStatus = 'restoring' | 'signed-out' | 'signed-in' | 'refreshing' | 'unavailable' | 'disposed';

/** What a session is at one moment. A snapshot: never mutated. */
export interface SessionState<T extends TokenSet = TokenSet> {
  readonly status: SessionStatus;
  /** `null` when nobody is signed in. While `refreshing`: the old ones. */
  readonly tokens: T | null;
  /** Grows by one with every new token set: sign-in, refresh, another tab's write. */
  readonly generation: number;
  /**
   * Whose session it is: a random identifier of the sign-in, the same for all who share the store, and no secret. `null` while
   * nobody is signed in. To be used as a key of what belongs to one person: caches, queries.
   */
  readonly owner: string | null;
  /** Why it is `refreshing`, or why it is `signed-out` (absent if nobody has signed in since it was made). */
  readonly reason?: RefreshReason | SignOutReason;
}
