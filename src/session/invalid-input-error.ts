import { SluiceError } from './sluice-error.ts';

/**
 * A call was given an argument or an option that it cannot use, and throws this error synchronously; or a callback of the app, such as
 * `authorize`, returned a value that cannot be used, and the request fails with this error. The message says what was given and what is
 * wanted.
 */
export class InvalidInputError extends SluiceError {
  override readonly name = 'InvalidInputError' as const;
  readonly code = 'invalid-input' as const;
}
