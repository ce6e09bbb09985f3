import type { InvalidInputError } from './invalid-input-error.ts';
import { readProperty } from './read-property.ts';
import type { BodyUsedError, SchemaMismatchError, StreamFailedError } from './request-errors.ts';
import type {
  RefreshFailedError,
  SessionChangedError,
  SessionExpiredError,
  StoreFailedError,
} from './session-errors.ts';
import { brand } from './sluice-error.ts';

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
