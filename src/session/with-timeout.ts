import { asyncScheduler, concatMap, defer, identity, map, type MonoTypeOperatorFunction, of, race, timer } from 'rxjs';

/** The longest delay that timers can hold; they fire at once for a longer one. */
export const LONGEST_DELAY_MS: number = 0x7fff_ffff;

/** A timer that fires this late shows that the machine slept, or that the event loop was blocked. */
const OVERDUE_MS = 1_000;

/** A wait of Sluice's own took too long. Told apart from the `TimeoutError` of an app's own signal by its class. */
export class WaitTimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * Fails with `WaitTimeoutError` when the first value is late. A wait that no timer can hold is no bound at all.
 *
 * A timer that is overdue by far gives the event loop a second more: after a sleep of the machine it fires before the answer is read
 * that has arrived meanwhile. To give up then would lose a rotated refresh token.
 */
export function withTimeout<T>(ms: number): MonoTypeOperatorFunction<T> {
  if (ms > LONGEST_DELAY_MS) return identity;
  return (source) =>
    defer(() => {
      const due = asyncScheduler.now() + ms;
      const late$ = timer(ms).pipe(
        concatMap(() => (Math.abs(asyncScheduler.now() - due) < OVERDUE_MS ? of(0) : timer(Math.min(ms, OVERDUE_MS)))),
        map((): never => {
          throw new WaitTimeoutError(`Nothing came within ${ms} ms.`);
        }),
      );
      return race(source, late$);
    });
}
