import { SluiceError } from './sluice-error.ts';

/**
 * A call was given an argument or an option that it cannot use, and throws this error synchronously; or a callback of the app, such as
 * `authorize`, returned a value that cannot be used, and the request fails with this error. The message says what was given and what is
 * wanted.
 *
 * @example A test of the function by which an app creates its session
 * ```ts
 * expect(() => createAppSession({ refreshTimeoutMs: -1 })).toThrow(InvalidInputError);
 * ```
 */
export class InvalidInputError extends SluiceError {
  /** The name of the class, which stays readable in logs of a minified bundle. */
  override readonly name = 'InvalidInputError' as const;
  /** Tells this error from the others, after `isSluiceError`. That also works for an error of another installed copy of Sluice. */
  readonly code = 'invalid-input' as const;
}
