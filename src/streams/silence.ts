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
  return defer(() => {
    const [before, waitMs] = [heardAt(), Math.min(Math.max(left(), 0), limitMs)];
    return timer(waitMs).pipe(
      tap(() => {
        // If the clock was set back, much seems to be left for as long as it takes to catch up. So no byte in a whole wait is silence, too,
        // unless a subscriber handles values (`Infinity`).
        if (left() <= 0 || (waitMs === limitMs && before === heardAt() && before < Infinity)) throw error();
      }),
    );
  }).pipe(repeat(), ignoreElements());
}
