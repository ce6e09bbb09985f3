import type { RefreshFailureReason } from './errors.ts';

/** Why a refresh runs: a 401, a clock near `expiresAt`, or a subscription of `session.refresh$`. */
export type RefreshReason = 'unauthorized' | 'expiring' | 'requested';

/** Why a session is signed out: the app said so, its refresh was refused, or another holder of the store emptied it. */
export type SignOutReason = 'sign-out' | 'expired' | 'elsewhere';

/** How long a refresh took, in milliseconds, and how many requests had waited for it when it ended. */
export interface RefreshFigures {
  readonly durationMs: number;
  readonly waiting: number;
}

/** What a session tells, without the time. */
export type SessionNotice =
  | { readonly type: 'restored'; readonly generation: number }
  /** Somebody has signed in, here or at another holder of the store. */
  | { readonly type: 'signed-in'; readonly generation: number }
  | { readonly type: 'signed-out'; readonly reason: SignOutReason }
  | { readonly type: 'refresh-started'; readonly reason: RefreshReason; readonly generation: number }
  | ({ readonly type: 'refresh-succeeded'; readonly generation: number } & RefreshFigures)
  | ({
      readonly type: 'refresh-failed';
      readonly reason: RefreshFailureReason | 'rejected' | 'session-changed';
      /** Until when the server asked to be left alone: epoch milliseconds. */
      readonly retryAt?: number;
    } & RefreshFigures)
  /** Newer tokens of the same owner are current: another holder of the store refreshed, or the app called `update()`. */
  | { readonly type: 'tokens-adopted'; readonly generation: number }
  /** A request goes out again with newer tokens. */
  | { readonly type: 'request-resent'; readonly generation: number }
  /** A 401 that no refresh can heal: `error` is the challenge's code, such as `insufficient_user_authentication` (RFC 9470). */
  | { readonly type: 'challenged'; readonly error: string }
  /** The store could not be read or written, or holds something else than tokens. */
  | { readonly type: 'store-failed'; readonly operation: StoreOperation; readonly message: string }
  /** Tokens of `refresh` or of the store are used without what was wrong with them; quotes no value. */
  | { readonly type: 'tokens-faulty'; readonly message: string }
  /** A callback of the app threw, or gave something that it may not; its default was used. */
  | { readonly type: 'callback-failed'; readonly callback: CallbackName };

export type StoreOperation = 'get' | 'set' | 'lock' | 'changes$';
export type CallbackName = 'canRefresh' | 'classifyRefreshError' | 'revoke' | 'ownerOf';

/** Something that happened to a session. For logs, devtools and redirects; none of them ever holds a token. */
export type SessionEvent = SessionNotice & {
  /** When it happened: epoch milliseconds. */
  readonly at: number;
};
