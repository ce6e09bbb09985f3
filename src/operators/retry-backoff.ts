import {
  type MonoTypeOperatorFunction,
  type Observable,
  type ObservableInput,
  retry,
  switchMap,
  throwError,
  timer,
} from 'rxjs';
import { LONGEST_DELAY_MS, ownOptions, retryAfterMs, unlessDenied } from '../session/internal.ts';
import { checkOptions } from './check-options.ts';
import { isTemporary } from './is-temporary.ts';
import { mayRepeat } from './may-repeat.ts';

/** The options of `retryBackoff`. */
export interface RetryBackoffOptions {
  /** How many times a request is sent again at most, 0 or more. Counted for each subscription. @defaultValue `3` */
  readonly count?: number;
  /**
   * The longest delay before the first retry, in milliseconds, 0 or more; it doubles with each further retry. Each delay is a random part
   * of that limit ("full jitter"), so that clients that have failed at the same time do not all send again at the same time.
   *
   * @defaultValue `500`
   */
  readonly initialDelayMs?: number;
  /**
   * The longest delay, in milliseconds, 0 or more. If the server asks for a longer one by `Retry-After`, the request is not sent again, and
   * fails at once.
   *
   * @defaultValue `30_000`
   */
  readonly maxDelayMs?: number;
  /**
   * Says that the request takes effect once, however often it is sent, so that it is sent again whatever its method is: a `put`, a `post`
   * with an `Idempotency-Key`, or a request whose error does not tell its method (Angular's `HttpErrorResponse`, errors of `fetch`).
   *
   * @defaultValue `false`: only a request whose error names the method GET, HEAD or OPTIONS is sent again, or one whose refresh failed
   * temporarily, because the server has not carried it out
   */
  readonly idempotent?: boolean;
  /**
   * Decides whether to retry after this failure: by a boolean, or by the first value of anything that RxJS accepts as an Observable; the
   * delay begins when that value has arrived. It is called only for requests that may be sent again: see `idempotent`. If it emits nothing,
   * the request is not sent again; if it fails, the stream fails with its error.
   *
   * @param retries - the number of the retry that it decides about, from 1
   * @defaultValue `isTemporary`
   */
  retryIf?(this: void, error: unknown, retries: number): boolean | ObservableInput<boolean>;
}

const amount = (value: unknown): readonly [boolean, string] => [
  typeof value === 'number' && value >= 0,
  'a number, 0 or more',
];

/**
 * Sends a request again after a temporary failure: after a random delay whose limit doubles each time, or after the server's `Retry-After`
 * (seconds or a date) if that is longer. When the retries are used up, the stream fails with the last error.
 *
 * Only safe methods are sent again, unless `idempotent` says otherwise. A cancelled request is never sent again, nor is one that failed
 * with an error of Sluice such as `SessionExpiredError`, unless a stream broke off or the refresh failed temporarily; after such a refresh
 * any method is sent again. Values that were emitted before the failure are not taken back. Unsubscribing ends the request, or the delay.
 *
 * The source must be cold, as all requests of a client are. The method is read from the errors of axios, `ajax`, ky, ofetch and got.
 * A `Response` of `fetch` with a status such as 503 is a value and no failure: throw it.
 *
 * @throws InvalidInputError for an option of the wrong kind or out of its range, or (in development) one that does not exist
 * @see RFC 9110 sections 9.2.1 and 10.2.3
 * @example
 * ```ts
 * api.get<User[]>('/users').pipe(retryBackoff()).subscribe(show);
 * ```
 */
export function retryBackoff<T>(options: RetryBackoffOptions = {}): MonoTypeOperatorFunction<T> {
  const {
    count = 3,
    initialDelayMs = 500,
    maxDelayMs = 30_000,
    idempotent = false,
    retryIf = isTemporary,
  } = ownOptions(options);
  checkOptions('retryBackoff()', options, {
    count: amount(count),
    initialDelayMs: amount(initialDelayMs),
    maxDelayMs: amount(maxDelayMs),
    idempotent: [typeof idempotent === 'boolean', 'a boolean'],
    retryIf: [],
  });
  const longest = Math.min(maxDelayMs, LONGEST_DELAY_MS);
  const delay = (error: unknown, retries: number): Observable<unknown> => {
    const asked = retryAfterMs(error) ?? 0;
    if (!mayRepeat(error, idempotent) || asked > longest) return throwError(() => error);
    // With an initial delay of 0, the product is NaN as soon as the power is Infinity: then the delay is 0, too.
    const backoff = Math.random() * (Math.min(initialDelayMs * 2 ** (retries - 1), longest) || 0);
    return unlessDenied(retryIf(error, retries), error).pipe(switchMap(() => timer(Math.max(backoff, asked))));
  };
  return retry({ count, delay });
}
