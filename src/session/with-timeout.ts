import { identity, timeout, type MonoTypeOperatorFunction } from 'rxjs';

/** The longest delay that timers can hold; they fire at once for a longer one. */
export const LONGEST_DELAY_MS: number = 2 ** 31 - 1;

/** Fails with rxjs's `TimeoutError` when the first value is late. A wait that no timer can hold is no bound at all. */
export function withTimeout<T>(ms: number): MonoTypeOperatorFunction<T> {
  return ms > LONGEST_DELAY_MS ? identity : timeout({ first: ms });
}
