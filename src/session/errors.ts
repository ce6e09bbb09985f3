import type { StandardSchemaV1 } from '@standard-schema/spec';
import { conceal } from './conceal.ts';
import { readProperty } from './read-property.ts';

/** Why a refresh failed for now. */
export type RefreshFailureReason = 'unavailable' | 'timeout' | 'misconfigured' | 'invalid-response' | 'same-token';

export type SluiceErrorCode =
  | 'session-expired'
  | 'refresh-failed'
  | 'session-changed'
  | 'body-used'
  | 'schema-mismatch'
  | 'invalid-input'
  | 'store-failed'
  | 'stream-failed';

// A registered symbol is the same in every installed copy of the package and in every realm.
const brand: unique symbol = Symbol.for('sluice.error');

/**
 * Base of every error that Sluice itself makes. Errors of the server and of the transport are not among them: a second
 * 401, a 500 or a broken connection arrives as the `AxiosError` (or `HttpErrorResponse`, …) that it is.
 */
export abstract class SluiceError extends Error {
  /** Stable: safe to compare, to log and to translate by. */
  abstract readonly code: SluiceErrorCode;
  /** @internal */
  declare readonly [brand]: true;

  constructor(message: string, cause?: unknown) {
    // An `ErrorOptions` cause is not enumerable, so that it does not spill into serialised logs.
    super(message, cause === undefined ? undefined : { cause: conceal(cause) });
    // As a field, the computed name would keep the class in bundles that have no use for it.
    this[brand] = true;
  }
}

/** The refresh was refused for good. The session is signed out; ask the person to sign in again. */
export class SessionExpiredError extends SluiceError {
  override readonly name = 'SessionExpiredError' as const;
  readonly code = 'session-expired' as const;

  constructor(message = 'The session is over: its refresh was refused. Sign in again.', cause?: unknown) {
    super(message, cause);
  }
}

const advice: Record<RefreshFailureReason, string> = {
  unavailable: 'the server or the store is unavailable, try again later',
  timeout: 'no answer within refreshTimeoutMs; requests made in `refresh` need its `signal` or `session: false`',
  misconfigured: 'a configuration fault, see the cause',
  'invalid-response': '`refresh` gave no token set with an accessToken',
  'same-token': 'it gave the rejected token again',
};

/** The refresh failed for now; the session is kept and a later request may refresh again. */
export class RefreshFailedError extends SluiceError {
  override readonly name = 'RefreshFailedError' as const;
  readonly code = 'refresh-failed' as const;

  readonly reason: RefreshFailureReason;
  /** Until when the server asked to be left alone, by `Retry-After`: epoch milliseconds. No request asks it before. */
  readonly retryAt?: number;

  constructor(reason: RefreshFailureReason, cause?: unknown, retryAt?: number) {
    super(`The refresh failed, the session is kept: ${advice[reason]}.`, cause);
    this.reason = reason;
    if (retryAt !== undefined) this.retryAt = retryAt;
  }
}

/**
 * `signIn`, `update` or `signOut` is in force here, but the shared store could not be told yet; it is tried again. Rejects the
 * promise of the call.
 */
export class StoreFailedError extends SluiceError {
  override readonly name = 'StoreFailedError' as const;
  readonly code = 'store-failed' as const;

  constructor(cause?: unknown) {
    super('It is in force here, but the shared store could not be told yet. It is tried again.', cause);
  }
}

/** Somebody signed out, or another signed in, while the request waited: it belongs to nobody now and was not sent again. */
export class SessionChangedError extends SluiceError {
  override readonly name = 'SessionChangedError' as const;
  readonly code = 'session-changed' as const;

  constructor(message = 'The session changed its owner while the request waited.', cause?: unknown) {
    super(message, cause);
  }
}

/**
 * The request's body could be read only once, and was. Axios requests may pass a function that makes it, `() => stream`. Of a `fetch` the
 * `cause` is the answer that asked for another send.
 */
export class BodyUsedError extends SluiceError {
  override readonly name = 'BodyUsedError' as const;
  readonly code = 'body-used' as const;

  constructor(
    message = 'The body is a stream that was already read. Pass `() => stream`: each send gets its own.',
    cause?: unknown,
  ) {
    super(message, cause);
  }
}

/** A call was given something it cannot work with; the message says what it wants. Thrown at the call. */
export class InvalidInputError extends SluiceError {
  override readonly name = 'InvalidInputError' as const;
  readonly code = 'invalid-input' as const;
}

/** An answer's body is not what its schema says. */
export class SchemaMismatchError extends SluiceError {
  override readonly name = 'SchemaMismatchError' as const;
  readonly code = 'schema-mismatch' as const;
  /** What is wrong, and where, in the schema library's words. */
  readonly issues: readonly StandardSchemaV1.Issue[];

  constructor(issues: readonly StandardSchemaV1.Issue[]) {
    const path = issues[0]?.path?.map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
    // Not the library's own words, which may quote the body.
    super(`The answer does not fit its schema${path ? `, at ${path}` : ''}. See \`issues\`.`);
    this.issues = issues;
  }
}

/** Why a stream failed: see `StreamFailedError`. */
export type StreamFailureReason = 'not-a-stream' | 'invalid-line' | 'no-answer' | 'silent';

/**
 * An answer could not be read as the stream that was wanted. By `reason`:
 *
 * - `'not-a-stream'`: the status is not 200, or the answer has another content type
 * - `'invalid-line'`: a line is no JSON
 * - `'no-answer'`: no answer began within `answerTimeoutMs`
 * - `'silent'`: no byte came within `idleTimeoutMs`
 */
export class StreamFailedError extends SluiceError {
  override readonly name = 'StreamFailedError' as const;
  readonly code = 'stream-failed' as const;

  readonly reason: StreamFailureReason;
  /** The number of the line that is no JSON, from 1. */
  readonly line?: number;

  constructor(reason: StreamFailureReason, message: string, line?: number) {
    super(message);
    this.reason = reason;
    if (line !== undefined) this.line = line;
  }
}

/** All of them: `code` tells them apart. */
export type AnySluiceError =
  | SessionExpiredError
  | RefreshFailedError
  | SessionChangedError
  | StoreFailedError
  | BodyUsedError
  | InvalidInputError
  | SchemaMismatchError
  | StreamFailedError;

/** Whether `error` was made by Sluice: also by another installed copy of it, or in another realm. */
export function isSluiceError(error: unknown): error is AnySluiceError {
  return readProperty(error, brand) === true;
}

/** Whether `error` is a `SessionExpiredError`, of whatever copy of Sluice: `instanceof` knows only those of this one. */
export function isSessionExpired(error: unknown): error is SessionExpiredError {
  return isSluiceError(error) && readProperty(error, 'code') === 'session-expired';
}

/** Whether `error` is a `RefreshFailedError`, of whatever copy of Sluice. */
export function isRefreshFailed(error: unknown): error is RefreshFailedError {
  return isSluiceError(error) && readProperty(error, 'code') === 'refresh-failed';
}
