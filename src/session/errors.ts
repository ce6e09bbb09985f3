import type { StandardSchemaV1 } from '@standard-schema/spec';
import { conceal } from './conceal.ts';
import { readProperty } from './read-property.ts';

/**
 * Why a refresh failed although it was not refused for good.
 * - `unavailable`: the server, or a shared store, could not be reached or asked to try later.
 * - `timeout`: `refresh` took longer than `refreshTimeoutMs`.
 * - `misconfigured`: the client or its configuration is at fault: `refresh` returned neither a promise nor an observable, `canRefresh`
 *   returned false, or the server responded with a code such as `invalid_client` or a status such as 404. The `cause` says which.
 * - `invalid-response`: `refresh` returned no value, or a value without an `accessToken`.
 * - `same-token`: `refresh` returned the access token that a server has just rejected.
 */
export type RefreshFailureReason = 'unavailable' | 'timeout' | 'misconfigured' | 'invalid-response' | 'same-token';

/**
 * The `code` of each error class.
 * - `session-expired`: `SessionExpiredError`, the refresh was refused for good.
 * - `refresh-failed`: `RefreshFailedError`, the refresh failed and the session is kept.
 * - `session-changed`: `SessionChangedError`, somebody signed in or out, or the session was disposed of, before the request was done.
 * - `body-used`: `BodyUsedError`, the body cannot be sent a second time.
 * - `schema-mismatch`: `SchemaMismatchError`, the body of a response does not fit its schema.
 * - `invalid-input`: `InvalidInputError`, a call was given a wrong argument or option, or a callback of the app returned a wrong value.
 * - `store-failed`: `StoreFailedError`, a change could not be written to the shared store yet.
 * - `stream-failed`: `StreamFailedError`, a response could not be read as the stream that was wanted.
 */
export type SluiceErrorCode =
  | 'session-expired'
  | 'refresh-failed'
  | 'session-changed'
  | 'body-used'
  | 'schema-mismatch'
  | 'invalid-input'
  | 'store-failed'
  | 'stream-failed';

// A registered symbol is the same in every installed copy of the package and in every realm, so `isSluiceError` recognises the errors of
// all of them.
const brand: unique symbol = Symbol.for('sluice.error');

/**
 * The base class of all errors that Sluice makes. Errors of the server and of the network are not among them: a second 401, a 500 or a
 * broken connection arrives as the error of the HTTP library, such as `AxiosError`. Neither their messages nor their causes show a token in
 * logs.
 */
export abstract class SluiceError extends Error {
  /** Identifies the class. It does not change between versions, so it can be compared, logged, and used as a key of translations. */
  abstract readonly code: SluiceErrorCode;
  /** @internal */
  declare readonly [brand]: true;

  /**
   * @param cause - must show no token. The classes that are given errors of the app pass them through `conceal` first. This constructor
   * does not, so that a bundle with `InvalidInputError` alone does not contain `conceal`
   */
  constructor(message: string, cause?: unknown) {
    // Pass the cause as an option and not as a field: then it is not enumerable, and JSON.stringify does not log it.
    super(message, cause === undefined ? undefined : { cause });
    // Assigned here because a field with a computed name would keep the class in bundles that do not use it.
    this[brand] = true;
  }
}

/**
 * The refresh was refused for good, here or at another holder of the store, so the session is signed out. Ask the person to sign in
 * again.
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
  override readonly name = 'SessionExpiredError' as const;
  readonly code = 'session-expired' as const;

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
 * The refresh failed, but was not refused for good. The session is kept, and a later request refreshes again: `minRefreshIntervalMs`
 * later, or after `retryAt`.
 */
export class RefreshFailedError extends SluiceError {
  override readonly name = 'RefreshFailedError' as const;
  readonly code = 'refresh-failed' as const;

  /** Why the refresh failed. */
  readonly reason: RefreshFailureReason;
  /**
   * When the server's `Retry-After` ends, in epoch milliseconds; absent if the server sent none. Until then, requests that need a refresh
   * fail with this error at once; a subscription to `refresh$` tries all the same.
   */
  readonly retryAt?: number;

  /** @param retryAt - when the server's `Retry-After` ends, in epoch milliseconds */
  constructor(reason: RefreshFailureReason, cause?: unknown, retryAt?: number) {
    super(`The refresh failed, the session is kept: ${advice[reason]}.`, conceal(cause));
    this.reason = reason;
    if (retryAt !== undefined) this.retryAt = retryAt;
  }
}

/**
 * A `signIn`, `update` or `signOut` took effect in this session, but could not be written to the shared store within `storeTimeoutMs`.
 * The promise of the call rejects with this error; the write is repeated until it succeeds or the session is disposed of.
 */
export class StoreFailedError extends SluiceError {
  override readonly name = 'StoreFailedError' as const;
  readonly code = 'store-failed' as const;

  constructor(cause?: unknown) {
    super('The change took effect here, but is not in the shared store yet. The write is repeated.', conceal(cause));
  }
}

/**
 * Somebody signed out or signed in, or the session was disposed of, while the request waited, before it was resent, or while its body
 * streamed. It was made for the former owner, so it is not sent with another owner's token.
 */
export class SessionChangedError extends SluiceError {
  override readonly name = 'SessionChangedError' as const;
  readonly code = 'session-changed' as const;

  constructor(message = 'The session changed its owner while the request waited.', cause?: unknown) {
    super(message, conceal(cause));
  }
}

/**
 * The request must be resent, but its body is a stream that the first send has read. Pass a function that returns the body of each send,
 * `() => stream`, to an axios request; a request of `sessionFetch` has to be made anew, and the `cause` of the error is the response
 * because of which it must be resent.
 */
export class BodyUsedError extends SluiceError {
  override readonly name = 'BodyUsedError' as const;
  readonly code = 'body-used' as const;

  constructor(
    message = 'The body is a stream that was already read. Pass `() => stream`: each send gets its own.',
    cause?: unknown,
  ) {
    super(message, conceal(cause));
  }
}

/**
 * A call was given an argument or an option that it cannot use, and throws this error synchronously; or a callback of the app, such as
 * `authorize`, returned a value that cannot be used, and the request fails with this error. The message says what was given and what is
 * wanted.
 */
export class InvalidInputError extends SluiceError {
  override readonly name = 'InvalidInputError' as const;
  readonly code = 'invalid-input' as const;
}

/** The body of a response does not fit the `schema` of the request. */
export class SchemaMismatchError extends SluiceError {
  override readonly name = 'SchemaMismatchError' as const;
  readonly code = 'schema-mismatch' as const;
  /** What is wrong and where, as the schema library reported it. The library's messages may quote the body. */
  readonly issues: readonly StandardSchemaV1.Issue[];

  constructor(issues: readonly StandardSchemaV1.Issue[]) {
    const path = issues[0]?.path?.map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
    // Leave out the library's messages: they may quote the body, and this message is logged.
    super(`The response does not fit its schema${path ? `, at ${path}` : ''}. See \`issues\`.`);
    this.issues = issues;
  }
}

/** Why a stream failed: see `StreamFailedError`. */
export type StreamFailureReason = 'not-a-stream' | 'invalid-line' | 'no-response' | 'silent' | 'interrupted';

/**
 * A response could not be read as the stream that was wanted. By `reason`:
 *
 * - `'not-a-stream'`: the response to a request for an event stream has another status than 200 or another content type; or a body is no
 *   stream
 * - `'invalid-line'`: a line is no JSON
 * - `'no-response'`: no response began within `responseTimeoutMs`
 * - `'silent'`: no byte came within `idleTimeoutMs`
 * - `'interrupted'`: the connection broke while the response was read; `cause` is the error of the connection
 */
export class StreamFailedError extends SluiceError {
  override readonly name = 'StreamFailedError' as const;
  readonly code = 'stream-failed' as const;

  readonly reason: StreamFailureReason;
  /** The number of the line that is no JSON, counted from 1; absent for the other reasons. */
  readonly line?: number;

  constructor(reason: StreamFailureReason, message: string, line?: number, cause?: unknown) {
    super(message, conceal(cause));
    this.reason = reason;
    if (line !== undefined) this.line = line;
  }
}

/** The union of all error classes. A `switch` over `code` narrows it. */
export type AnySluiceError =
  | SessionExpiredError
  | RefreshFailedError
  | SessionChangedError
  | StoreFailedError
  | BodyUsedError
  | InvalidInputError
  | SchemaMismatchError
  | StreamFailedError;

/**
 * Whether Sluice made this error. Unlike `instanceof`, it also recognises errors of another installed copy of Sluice and of another
 * realm.
 *
 * @example
 * ```ts
 * api.get('/profile').subscribe({
 *   error: (error: unknown) => {
 *     if (isSluiceError(error) && error.code === 'session-expired') showSignIn();
 *   },
 * });
 * ```
 */
export function isSluiceError(error: unknown): error is AnySluiceError {
  return readProperty(error, brand) === true;
}

/** Whether `error` is a `SessionExpiredError`, also of another installed copy of Sluice, whose class `instanceof` does not know. */
export function isSessionExpired(error: unknown): error is SessionExpiredError {
  return isSluiceError(error) && readProperty(error, 'code') === 'session-expired';
}

/** Whether `error` is a `RefreshFailedError`, also of another installed copy of Sluice. */
export function isRefreshFailed(error: unknown): error is RefreshFailedError {
  return isSluiceError(error) && readProperty(error, 'code') === 'refresh-failed';
}
