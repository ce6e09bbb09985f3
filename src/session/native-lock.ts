import { Observable } from 'rxjs';
import type { Cell } from './cell.ts';

/**
 * Waits for a cell's own lock. Emits, when the lock is granted, the function that releases it; unsubscribing before that ends the wait.
 * Errors if the lock fails or ends. Unsubscribe at the first value, because the lock also ends when it is released.
 */
export function nativeLock(cell: Pick<Cell<unknown>, 'lock'>): Observable<() => void> {
  return new Observable((subscriber) => {
    const controller = new AbortController();
    let isGranted = false;
    const work = (): Promise<void> =>
      new Promise((unlock) => {
        // The lock was granted after the wait had ended, or a second time. Release it here: no other code will, and no other holder of the
        // store could refresh any more.
        if (subscriber.closed) {
          unlock();
          return;
        }
        isGranted = true;
        subscriber.next(unlock);
      });
    cell.lock?.(work, { signal: controller.signal }).then(
      () => subscriber.error(new Error('The lock of the cell ended without having been granted.')),
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      if (!isGranted) controller.abort();
    };
  });
}
