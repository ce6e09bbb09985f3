import { isAxiosError } from 'axios';
import { isSluiceError } from '../session/index.ts';
import { LONGEST_DELAY_MS, retryAfterMs, statusOf } from '../session/internal.ts';

/** A connection was ended by the server, in good order. Never leaves this folder. */
export class StreamEnded extends Error {}

/** The longest wait between connections, unless the server asks for a longer one. */
const LONGEST_WAIT_MS = 30_000;

/** From the second failure in a row on, the wait doubles from here at least: zero, which a server may ask for, would never grow. */
const SHORTEST_BACKOFF_MS = 100;

/** The caller's request could not even be sent. It cannot be sent later, either. */
const unsendable = /^ERR_(BAD_REQUEST|BAD_OPTION|BAD_OPTION_VALUE|INVALID_URL|NOT_SUPPORT|CANCELED)$/;

/**
 * Whether a stream that failed with this error is connected again, unless its `reconnect` says otherwise: when the server ended it, when
 * the connection was lost or could not be made, when it was silent for too long, when the refresh failed for now, and when the server
 * asks by `Retry-After` to come back (429, 503). Anything else is final, as the standard has it.
 *
 * @see WHATWG HTML, section 9.2.3 "Processing model"
 */
export function isReconnectable(error: unknown): boolean {
  if (error instanceof StreamEnded) return true;
  if (isSluiceError(error)) {
    if (error.code === 'refresh-failed') return error.reason === 'unavailable' || error.reason === 'timeout';
    return error.code === 'stream-failed' && (error.reason === 'no-response' || error.reason === 'silent');
  }
  // Interceptors of the app may have made an error of another class of the one with the response.
  const status = statusOf(error);
  if (status !== undefined) return [429, 503].includes(status) && retryAfterMs(error) !== undefined;
  return !isAxiosError(error) || !unsendable.test(error.code ?? '');
}

/**
 * How long to wait before the next connection: what the server's last `retry` says, twice as long with each further failure in a row,
 * and no shorter than a `Retry-After`. From the second failure on, up to half of the wait is random, so that clients which lost the
 * same server do not come back in step.
 *
 * @param failures - in a row, without an event between; 1 for the first
 */
export function reconnectDelayMs(error: unknown, failures: number, retryMs: number, now: number): number {
  const longest = Math.max(LONGEST_WAIT_MS, retryMs);
  const doubled = Math.min(Math.max(retryMs, SHORTEST_BACKOFF_MS) * 2 ** (failures - 1), longest);
  const backoff = failures > 1 ? doubled * (1 - Math.random() / 2) : retryMs;
  const retryAt = isSluiceError(error) && error.code === 'refresh-failed' ? error.retryAt : undefined;
  const asked = retryAt === undefined ? retryAfterMs(error) : retryAt - now;
  return Math.min(Math.max(backoff, asked ?? 0), LONGEST_DELAY_MS);
}
