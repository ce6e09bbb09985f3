import type { StandardSchemaV1 } from '@standard-schema/spec';
import { conceal } from './conceal.ts';
import { SluiceError } from './sluice-error.ts';

/**
 * The request must be resent, but its body is a stream that an earlier send has read. Pass a function that returns the body of each send,
 * `() => stream`, to an axios request. A request of `sessionFetch` has to be made anew; the `cause` of its error is the response because of
 * which it must be resent, such as a 401.
 *
 * @example
 * ```ts
 * api.post('/files', createReadStream(path)); // fails with this error if it must be resent, as after a 401
 * api.post('/files', () => createReadStream(path)); // each send reads a stream of its own
 * ```
 */
export class BodyUsedError extends SluiceError {
  /** The name of the class, which stays readable in logs of a minified bundle. */
  override readonly name = 'BodyUsedError' as const;
  /** Tells this error from the others, after `isSluiceError`. That also works for an error of another installed copy of Sluice. */
  readonly code = 'body-used' as const;

  /**
   * @param message - the text for logs. It must not contain a token
   * @param cause - because of what the request must be resent. Tokens in it are hidden from loggers
   */
  constructor(
    message = 'The body is a stream that was already read. Pass `() => stream`: each send gets its own.',
    cause?: unknown,
  ) {
    super(message, conceal(cause));
  }
}

/**
 * The body of a response does not fit the `schema` of the request.
 *
 * @example
 * ```ts
 * api.get('/users', { schema: Users }).subscribe({
 *   next: show,
 *   error: (error: unknown) => {
 *     // Leave the messages of the issues out: they may quote the body.
 *     if (error instanceof SchemaMismatchError) log(error.message, error.issues.map(({ path }) => path));
 *   },
 * });
 * ```
 */
export class SchemaMismatchError extends SluiceError {
  /** The name of the class, which stays readable in logs of a minified bundle. */
  override readonly name = 'SchemaMismatchError' as const;
  /** Tells this error from the others, after `isSluiceError`. That also works for an error of another installed copy of Sluice. */
  readonly code = 'schema-mismatch' as const;
  /** What is wrong and where, as the schema library reported it. The library's messages may quote the body. */
  readonly issues: readonly StandardSchemaV1.Issue[];

  /** @param issues - what the schema library reported. The message names the path of the first issue */
  constructor(issues: readonly StandardSchemaV1.Issue[]) {
    const path = issues[0]?.path?.map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
    // Leave out the library's messages: they may quote the body, and this message is logged.
    super(`The response does not fit its schema${path ? `, at ${path}` : ''}. See \`issues\`.`);
    this.issues = issues;
  }
}

/** Why a response could not be read as a stream. `StreamFailedError` explains each reason. */
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
 *
 * @example
 * ```ts
 * text(api, '/answer', { idleTimeoutMs: 30_000 }).subscribe({
 *   next: append,
 *   error: (error: unknown) => {
 *     if (error instanceof StreamFailedError && error.reason === 'silent') offerRetry();
 *   },
 * });
 * ```
 */
export class StreamFailedError extends SluiceError {
  /** The name of the class, which stays readable in logs of a minified bundle. */
  override readonly name = 'StreamFailedError' as const;
  /** Tells this error from the others, after `isSluiceError`. That also works for an error of another installed copy of Sluice. */
  readonly code = 'stream-failed' as const;

  /** Why the stream failed; the description of this class explains each reason. */
  readonly reason: StreamFailureReason;
  /** The number of the line that is no JSON, counted from 1; absent for the other reasons. */
  readonly line?: number;

  /**
   * @param message - the text for logs. It must not contain a token
   * @param line - the number of the line that is no JSON; by default none
   * @param cause - the error of the connection. Tokens in it are hidden from loggers
   */
  constructor(reason: StreamFailureReason, message: string, line?: number, cause?: unknown) {
    super(message, conceal(cause));
    this.reason = reason;
    if (line !== undefined) this.line = line;
  }
}
