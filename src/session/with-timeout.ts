import { asyncScheduler, concatMap, defer, identity, map, type MonoTypeOperatorFunction, of, race, timer } from 'rxjs';

/** The longest delay that `setTimeout` can hold, in milliseconds. A timer with a longer delay fires at once. */
export const LONGEST_DELAY_MS: number = 0x7fff_ffff;

/** A timer that fires this many milliseconds late shows that the machine slept, or that the event loop was blocked. */
const OVERDUE_MS = 1_000;

/** The error of a wait that took too long. Its class distinguishes it from the `TimeoutError` of a signal of the app. */
export class WaitTimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * Fails with `WaitTimeoutError` if the source emits nothing within `ms` milliseconds. There is no limit if `ms` is longer than a
 * timer can hold, such as `Infinity`.
 *
 * A timer that fires more than a second late waits up to a second more. After a sleep of the machine it fires before a response is
 * read that has arrived meanwhile, and giving up then would lose a rotated refresh token.
 */
export function withTimeout<T>(ms: number): MonoTypeOperatorFunction<T> {
  if (ms > LONGEST_DELAY_MS) return identity;
  return (source) =>
    defer(() => {
      const due = asyncScheduler.now() + ms;
      const late$ = timer(ms).pipe(
        concatMap(() => (Math.abs(asyncScheduler.now() - due) < OVERDUE_MS ? of(0) : timer(Math.min(ms, OVERDUE_MS)))),
        map((): never => {
          throw new WaitTimeoutError(`No response came within ${ms} ms.`);
        }),
      );
      return race(source, late$);
    });
}
