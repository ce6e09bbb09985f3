import { isAxiosError } from 'axios';
import { isSluiceError } from '../session/index.ts';
import { causesOf, isUnsendable, LONGEST_DELAY_MS, retryAfterMs, statusOf } from '../session/internal.ts';

/** The server has ended the stream in good order. An internal error: only a `reconnect` function of the app may see it. */
export class StreamEnded extends Error {}

/** The longest delay before the next connection, in milliseconds, unless the server asks for a longer one. */
const LONGEST_WAIT_MS = 30_000;

/** The shortest delay from which the doubling starts, in milliseconds: a server may send `retry: 0`, and zero doubled stays zero. */
const SHORTEST_BACKOFF_MS = 100;

/**
 * Returns whether `eventStream` with `reconnect: true` connects again after this error. It does if the server ended the stream, the
 * connection was lost or could not be made, the stream was silent for too long, the refresh failed temporarily, or the status is 429 or
 * 503 with `Retry-After`. All other errors are final, as the standard specifies, and so are errors that do not come from the network, such
 * as that of an interceptor that throws.
 *
 * @example Connects again also after a 502, which a proxy sends while the server restarts
 * ```ts
 * eventStream(api, '/prices', {
 *   reconnect: (error) => isReconnectable(error) || (isAxiosError(error) && error.response?.status === 502),
 * });
 * ```
 *
 * @see WHATWG HTML, section 9.2.3 "Processing model"
 */
export function isReconnectable(error: unknown): boolean {
  if (error instanceof StreamEnded) return true;
  // Read the causes, and the status of any error: an interceptor of the app may have replaced the error by one of another class.
  const own = causesOf(error).find(isSluiceError);
  if (own?.code === 'refresh-failed') return own.reason === 'unavailable' || own.reason === 'timeout';
  if (own) return own.code === 'stream-failed' && /^(no-response|silent|interrupted)$/.test(own.reason);
  const status = statusOf(error);
  if (status !== undefined) return [429, 503].includes(status) && retryAfterMs(error) !== undefined;
  // Without an AxiosError, it is not known that the network has failed: the error may come from a mistake in the app, such as in an
  // interceptor, and connecting again would hide it for ever.
  return causesOf(error).some(isNetworkError) && !isUnsendable(error);
}

/**
 * Whether the connection failed. Axios gives the error of a failed connection the code of the system, such as `ECONNRESET`, or
 * `ERR_NETWORK`. An `AxiosError` without a code wraps another error, such as one that the app's own `fetch` has thrown.
 */
function isNetworkError(error: unknown): boolean {
  return isAxiosError(error) && error.code !== undefined && !/^ERR_(BAD_RESPONSE|FR_)/.test(error.code);
}

/**
 * Returns the delay before the next connection in milliseconds: the server's last `retry` field, doubled with each further failure, and
 * at least the server's `Retry-After`. From the second failure on, up to half of the delay is random, so that clients that have lost
 * the same server do not connect again all at once.
 *
 * @param failures - the number of failures since the last event, including this one
 */
export function reconnectDelayMs(error: unknown, failures: number, retryMs: number): number {
  const longest = Math.max(LONGEST_WAIT_MS, retryMs);
  const doubled = Math.min(Math.max(retryMs, SHORTEST_BACKOFF_MS) * 2 ** (failures - 1), longest);
  const backoff = failures > 1 ? doubled * (1 - Math.random() / 2) : retryMs;
  return Math.min(Math.max(backoff, retryAfterMs(error) ?? 0), LONGEST_DELAY_MS);
}
