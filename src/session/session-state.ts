import type { RefreshReason, SignOutReason } from './events.ts';
import type { TokenSet } from './token-set.ts';

/** `restoring`: an asynchronous store is being read for the first time, and requests wait. */
export type SessionStatus = 'restoring' | 'signed-out' | 'signed-in' | 'refreshing';

/** What a session is at one moment. A snapshot: never mutated. */
export interface SessionState<T extends TokenSet = TokenSet> {
  readonly status: SessionStatus;
  /** `null` when nobody is signed in. While `refreshing`: the old ones. */
  readonly tokens: T | null;
  /** Grows by one with every new token set: sign-in, refresh, another tab's write. */
  readonly generation: number;
  /** Grows by one whenever the session changes its owner: sign-in, sign-out, definitive expiry. */
  readonly epoch: number;
  /** Why it is `refreshing`, or why it is `signed-out` (absent if it has never been signed in). */
  readonly reason?: RefreshReason | SignOutReason;
}
