import { asyncScheduler, throwError, timer, type Observable } from 'rxjs';
import { LONGEST_DELAY_MS } from './with-timeout.ts';
import { headerOf, statusOf } from './http-outcome.ts';

/** How often, and how far apart, to try again. */
export interface RetryBackoffOptions {
  /** Tries after the first. @defaultValue `2` */
  readonly count?: number;
  /** Wait before the first of them, in milliseconds; doubles each time. @defaultValue `500` */
  readonly initialDelayMs?: number;
  /** No wait is longer; a `Retry-After` beyond it ends the tries. In milliseconds. @defaultValue `10_000` */
  readonly maxDelayMs?: number;
  /** Share of each wait that is random, 0 to 1, so that clients do not come back in step. @defaultValue `0.5` */
  readonly jitter?: number;
}

/**
 * For `retry({ delay })`: emits when a refresh may be tried again. Only an answer that says "try later" (429, 5xx) allows
 * that: after a lost answer the server may have rotated the refresh token, and presenting the old one again looks like theft.
 */
export function refreshRetryDelay(
  options: RetryBackoffOptions,
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
 * How long the server asks to wait, in milliseconds: the `Retry-After` of an error, of its `response`, or of what caused it. Seconds,
 * fractions too, or a date, by the clock; 0 for a date that has passed. Not clamped. `undefined` if there is none, or one that says nothing.
 *
 * @see RFC 9110 section 10.2.3
 */
export function retryAfterMs(error: unknown): number | undefined {
  const text = headerOf(error, 'retry-after')?.trim() ?? '';
  const wait = /^[\d.]+$/.test(text)
    ? Number(text) * 1000
    : // Without a time of day it is no HTTP date, though `Date.parse` takes `-1` and `in 5` for days long ago.
      Math.max(/:\d\d/.test(text) ? Date.parse(text) - asyncScheduler.now() : NaN, 0);
  return Number.isFinite(wait) ? wait : undefined;
}
