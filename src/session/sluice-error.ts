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
export const brand: unique symbol = Symbol.for('sluice.error');

/**
 * The base class of all errors that Sluice makes. Errors of the server and of the network are not among them: a second 401, a 500 or a
 * broken connection arrives as the error of the HTTP library, such as `AxiosError`. Neither the message nor the cause of a `SluiceError`
 * shows a token in logs.
 *
 * @example
 * ```ts
 * function report(error: SluiceError): void {
 *   tracker.captureException(error, { tags: { code: error.code } });
 * }
 * ```
 */
export abstract class SluiceError extends Error {
  /** Identifies the class. It does not change between versions, so it can be compared, logged, and used as a key of translations. */
  abstract readonly code: SluiceErrorCode;
  /** @internal */
  declare readonly [brand]: true;

  /**
   * @param message - must show no token
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
