import { asyncScheduler, throwError, timer, type Observable } from 'rxjs';
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
    const wait = retryAfterMs(headerOf(error, 'retry-after')) ?? backoff;
    return (status === 429 || status >= 500) && wait <= maxDelayMs ? timer(wait) : throwError(() => error);
  };
}

/** RFC 9110 section 10.2.3: seconds, or an HTTP date. Fractions too: `Date.parse` would take `1.5` for a day long ago. */
function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const wait = /^[\d.]+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - asyncScheduler.now();
  return Number.isNaN(wait) ? undefined : Math.max(wait, 0);
}
