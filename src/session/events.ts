import type { RefreshFailureReason } from './errors.ts';

/** Why a refresh runs: a 401, a clock near `expiresAt`, or a subscription of `session.refresh$`. */
export type RefreshReason = 'unauthorized' | 'expiring' | 'requested';

/** Why a session is signed out: the app said so, its refresh was refused, or another holder of the store emptied it. */
export type SignOutReason = 'sign-out' | 'expired' | 'elsewhere';

/** Something that happened to a session. For logs, devtools and redirects; none of them ever holds a token. */
export type SessionEvent =
  | { readonly type: 'restored'; readonly generation: number }
  | { readonly type: 'signed-in'; readonly generation: number }
  | { readonly type: 'signed-out'; readonly reason: SignOutReason }
  | { readonly type: 'refresh-started'; readonly reason: RefreshReason; readonly generation: number }
  | { readonly type: 'refresh-succeeded'; readonly generation: number }
  | { readonly type: 'refresh-failed'; readonly reason: RefreshFailureReason | 'rejected' | 'session-changed' }
  /** Another holder of the store refreshed: its tokens are in force here too. */
  | { readonly type: 'tokens-adopted'; readonly generation: number }
  /** A request goes out again with newer tokens. */
  | { readonly type: 'request-resent'; readonly generation: number }
  /** A 401 that no refresh can heal: `error` is the challenge's code, such as `insufficient_user_authentication` (RFC 9470). */
  | { readonly type: 'challenged'; readonly error: string }
  /** The store could not be read or written, or holds garbage; the session goes on in memory. */
  | { readonly type: 'store-failed'; readonly operation: 'get' | 'set' | 'lock' | 'changes$'; readonly message: string }
  /** A callback of the app threw; its default was used. */
  | { readonly type: 'callback-failed'; readonly callback: 'canRefresh' | 'classifyRefreshError' | 'revoke' };
