import { asyncScheduler, defer, ignoreElements, NEVER, type Observable, repeat, tap, timer } from 'rxjs';
import { LONGEST_DELAY_MS } from '../session/internal.ts';
import { StreamFailedError } from '../session/index.ts';

/**
 * Fails when nothing has been heard for `limitMs`; emits nothing. One timer watches all chunks: to start one for each would cost more
 * than to read it.
 *
 * @param heardAt - when something was heard last, by the clock
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
