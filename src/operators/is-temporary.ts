import { statusOf } from '../session/internal.ts';
import { mayRepeat } from './may-repeat.ts';

/**
 * Returns whether a failed request may succeed if it is sent again later. It may if
 *
 * - the status is 408, 425, 429, or 5xx other than 501,
 * - there is no response: the connection failed or was lost, or the time was up; any error that is not from a response counts as such,
 * - the refresh that the request needed failed as `'unavailable'` or `'timeout'`,
 * - a stream failed as `'no-response'`, `'silent'` or `'interrupted'`.
 *
 * It may not after any other response, a cancellation, a request that could not be sent because it is invalid, or any other error of
 * Sluice, such as `SessionExpiredError` and `SessionChangedError`.
 *
 * @see RFC 9110 section 15, RFC 8470 section 5.2
 * @example
 * ```ts
 * api.get('/report').pipe(retryBackoff({ retryIf: (error) => isTemporary(error) || isNotReady(error) }));
 * ```
 */
export function isTemporary(error: unknown): boolean {
  return mayRepeat(error, true) && /^(undefined|408|425|429|5(?!01)\d\d)$/.test(String(statusOf(error)));
}
