import { conceal } from './conceal.ts';
import { SluiceError } from './sluice-error.ts';

/**
 * Why a refresh failed although it was not refused for good.
 * - `unavailable`: the server, or a shared store, could not be reached or asked to try later.
 * - `timeout`: `refresh` took longer than `refreshTimeoutMs`.
 * - `misconfigured`: the client or its configuration is at fault: `refresh` returned neither a promise nor an observable, `canRefresh`
 *   returned false, or the server responded with a code such as `invalid_client` or a status such as 404. The `cause` says which.
 * - `invalid-response`: `refresh` returned no value, or a value without an `accessToken`.
 * - `same-token`: `refresh` returned the access token that a server has just rejected, and no other refresh token.
 */
export type RefreshFailureReason = 'unavailable' | 'timeout' | 'misconfigured' | 'invalid-response' | 'same-token';

/**
 * The refresh was refused for good, in this session or in another one that shares the store, so the session is signed out. Ask the
 * person to sign in again.
 *
 * @example `refresh` may throw this error to end the session
 * ```ts
 * refresh: async () => {
 *   const tokens = await showSignInDialog();
 *   if (!tokens) throw new SessionExpiredError('The person closed the dialog.');
 *   return tokens;
 * },
 * ```
 */
export class SessionExpiredError extends SluiceError {
  /** The name of the class, which stays readable in logs of a minified bundle. */
  override readonly name = 'SessionExpiredError' as const;
  /** Tells this error from the others, after `isSluiceError`. That also works for an error of another installed copy of Sluice. */
  readonly code = 'session-expired' as const;

  /**
   * @param message - the text for logs. It must not contain a token
   * @param cause - why the refresh was refused. Tokens in it are hidden from loggers
   */
  constructor(message = 'The session is over: its refresh was refused. Sign in again.', cause?: unknown) {
    super(message, conceal(cause));
  }
}

const advice: Record<RefreshFailureReason, string> = {
  unavailable: 'the server or the store is unavailable, try again later',
  timeout: 'no response within refreshTimeoutMs; requests made in `refresh` need its `signal` or `session: false`',
  misconfigured: 'a configuration fault, see the cause',
  'invalid-response': '`refresh` gave no token set with an accessToken',
  'same-token': '`refresh` gave the rejected token again',
};

/**
 * The refresh failed, but was not refused for good. The session is kept, and a later request refreshes again: after
 * `minRefreshIntervalMs`, or after `retryAt` if that is later.
 *
 * @example
 * ```ts
 * api.get('/profile').subscribe({
 *   next: show,
 *   error: (error: unknown) => {
 *     if (error instanceof RefreshFailedError && error.reason === 'unavailable') offerRetry(error.retryAt);
 *   },
 * });
 * ```
 */
export class RefreshFailedError extends SluiceError {
  /** The name of the class, which stays readable in logs of a minified bundle. */
  override readonly name = 'RefreshFailedError' as const;
  /** Tells this error from the others, after `isSluiceError`. That also works for an error of another installed copy of Sluice. */
  readonly code = 'refresh-failed' as const;

  /** Why the refresh failed. */
  readonly reason: RefreshFailureReason;
  /**
   * When the server's `Retry-After` ends, in epoch milliseconds; absent if the server sent none. Until then, requests that need a refresh
   * fail with this error at once; a subscription to `refresh$` tries all the same.
   */
  readonly retryAt?: number;

  /**
   * @param reason - determines the message
   * @param cause - why the refresh failed. Tokens in it are hidden from loggers
   * @param retryAt - when the server's `Retry-After` ends, in epoch milliseconds; by default none
   */
  constructor(reason: RefreshFailureReason, cause?: unknown, retryAt?: number) {
    super(`The refresh failed, the session is kept: ${advice[reason]}.`, conceal(cause));
    this.reason = reason;
    if (retryAt !== undefined) this.retryAt = retryAt;
  }
}

/**
 * A `signIn`, `update` or `signOut` took effect in this session, but could not be written to the shared store within `storeTimeoutMs`.
 * The promise of the call rejects with this error; the write is repeated until it succeeds or the session is disposed of.
 *
 * @example
 * ```ts
 * await session.signOut().catch((error: unknown) => {
 *   if (!(error instanceof StoreFailedError)) throw error;
 *   warn('You are signed out here. Other tabs may follow later.');
 * });
 * ```
 */
export class StoreFailedError extends SluiceError {
  /** The name of the class, which stays readable in logs of a minified bundle. */
  override readonly name = 'StoreFailedError' as const;
  /** Tells this error from the others, after `isSluiceError`. That also works for an error of another installed copy of Sluice. */
  readonly code = 'store-failed' as const;

  /** @param cause - the error of the store. Tokens in it are hidden from loggers */
  constructor(cause?: unknown) {
    super('The change took effect here, but is not in the shared store yet. The write is repeated.', conceal(cause));
  }
}

/**
 * Somebody signed out or signed in, or the session was disposed of, while the request waited, before it was resent, or while its body
 * streamed. The request was made for the former owner, so it is not sent with another owner's token.
 *
 * @example
 * ```ts
 * api.get('/profile').subscribe({
 *   next: show,
 *   error: (error: unknown) => {
 *     // The request belonged to the person who was signed in before, so there is nothing to show.
 *     if (!(error instanceof SessionChangedError)) showError(error);
 *   },
 * });
 * ```
 */
export class SessionChangedError extends SluiceError {
  /** The name of the class, which stays readable in logs of a minified bundle. */
  override readonly name = 'SessionChangedError' as const;
  /** Tells this error from the others, after `isSluiceError`. That also works for an error of another installed copy of Sluice. */
  readonly code = 'session-changed' as const;

  /**
   * @param message - the text for logs. It must not contain a token
   * @param cause - what led to this error. Tokens in it are hidden from loggers
   */
  constructor(message = 'The session changed its owner before the request was done.', cause?: unknown) {
    super(message, conceal(cause));
  }
}
