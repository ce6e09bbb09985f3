import { asyncScheduler, defer, ignoreElements, NEVER, type Observable, repeat, tap, timer } from 'rxjs';
import { LONGEST_DELAY_MS } from '../session/internal.ts';
import { StreamFailedError } from '../session/index.ts';

/**
 * Fails when no byte has arrived for `limitMs`; emits nothing. It uses one timer for all chunks, because to start a timer for each chunk
 * would take longer than to read the chunk.
 *
 * @param heardAt - returns when the last byte arrived, as epoch milliseconds
 */
export function failAfterSilence(
  limitMs: number,
  heardAt: () => number,
  error: () => StreamFailedError,
): Observable<never> {
  if (limitMs > LONGEST_DELAY_MS) return NEVER;
  const left = (): number => heardAt() + limitMs - asyncScheduler.now();
  return defer(() => timer(Math.min(Math.max(left(), 0), limitMs))).pipe(
    tap(() => {
      if (left() <= 0) throw error();
    }),
    repeat(),
    ignoreElements(),
  );
}
