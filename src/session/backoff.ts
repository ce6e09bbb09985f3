import { asyncScheduler, throwError, timer, type Observable } from 'rxjs';
import { LONGEST_DELAY_MS } from './with-timeout.ts';
import { isRefreshFailed } from './errors.ts';
import { headerOf, statusOf } from './http-outcome.ts';

/** How often a failed refresh is tried again, and how long to wait before each try. */
export interface RefreshRetryOptions {
  /** How many tries may follow the first one: 0 or more. @defaultValue `2` */
  readonly count?: number;
  /**
   * The delay before the second try, in milliseconds, 0 or more; it doubles before each further try. A `Retry-After` of the server
   * takes its place.
   *
   * @defaultValue `500`
   */
  readonly initialDelayMs?: number;
  /** The longest delay, in milliseconds, 0 or more. A longer `Retry-After` of the server ends the tries. @defaultValue `10_000` */
  readonly maxDelayMs?: number;
  /**
   * By what share of itself a delay may be shortened at random, from 0 to 1, so that many clients do not try again at the same
   * moment.
   *
   * @defaultValue `0.5`
   */
  readonly jitter?: number;
}

/**
 * Returns the `delay` function for RxJS's `retry`: it emits when `refresh` may be called again, and fails if `refresh` must not be called
 * again. Only a response that says "try later" (429, 5xx) allows another call: if the response was lost, the server may have rotated the
 * refresh token, and presenting the old one again looks like theft.
 */
export function refreshRetryDelay(
  options: RefreshRetryOptions,
): (error: unknown, attempt: number) => Observable<unknown> {
  const { initialDelayMs = 500, maxDelayMs = 10_000, jitter = 0.5 } = options;
  return (error, attempt) => {
    const status = statusOf(error) ?? 0;
    const backoff = Math.min(initialDelayMs * 2 ** (attempt - 1), maxDelayMs) * (1 - jitter * Math.random());
    const wait = retryAfterMs(error) ?? backoff;
    return (status === 429 || status >= 500) && wait <= Math.min(maxDelayMs, LONGEST_DELAY_MS)
      ? timer(wait)
      : throwError(() => error);
  };
}

/**
 * Returns how long the server asks the client to wait, in milliseconds: the `Retry-After` of an error, of its `response`, or of its
 * causes. The header is a number of seconds (fractions are read, too) or a date, which is compared with the local clock; a date in the
 * past counts as 0. The result has no upper bound. `undefined` if there is no such header, or it cannot be parsed.
 *
 * The `retryAt` of a failed refresh counts more: the `Retry-After` in its cause counts from the moment of that refresh, which may be long
 * ago.
 *
 * @see RFC 9110 section 10.2.3
 */
export function retryAfterMs(error: unknown): number | undefined {
  const text = headerOf(error, 'retry-after')?.trim() ?? '';
  const retryAt = isRefreshFailed(error) ? error.retryAt : undefined;
  const wait =
    retryAt === undefined && /^[\d.]+$/.test(text)
      ? Number(text) * 1000
      : // Take only a text with a time of day for a date: `Date.parse` also reads `-1` and `in 5`, as dates in the past, and the next try
        // would follow without a delay.
        Math.max((retryAt ?? (/:\d\d/.test(text) ? Date.parse(text) : NaN)) - asyncScheduler.now(), 0);
  return Number.isFinite(wait) ? wait : undefined;
}
