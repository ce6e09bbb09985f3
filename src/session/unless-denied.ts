import { filter, from, type Observable, type ObservableInput, take, throwIfEmpty } from 'rxjs';

/**
 * Waits for an app's decision whether to go on after an error: a boolean, or the first value of anything that RxJS accepts as an
 * Observable. Emits once if it is positive, and fails with its error if it fails.
 *
 * @param decision - `null` and `undefined`, which the types of the callbacks forbid, count as a no
 * @param error - the error to fail with if the decision is negative or empty. Without it, the notifier of `retry` would complete, and the
 * stream that has failed would complete without an error
 */
export function unlessDenied(decision: boolean | ObservableInput<boolean> | null, error: unknown): Observable<boolean> {
  return from(typeof decision === 'object' ? (decision ?? []) : [decision]).pipe(
    take(1),
    filter(Boolean),
    throwIfEmpty(() => error),
  );
}
