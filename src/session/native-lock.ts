import { Observable } from 'rxjs';
import type { Cell } from './cell.ts';

/**
 * Waits for a cell's own lock. Emits once, when the lock is granted, the function that gives it back; unsubscribing before that withdraws
 * the wait. Errors if the lock fails, or ends without having been granted.
 */
export function nativeLock(cell: Pick<Cell<unknown>, 'lock'>): Observable<() => void> {
  return new Observable((subscriber) => {
    const controller = new AbortController();
    let isGranted = false;
    const work = (): Promise<void> =>
      new Promise((unlock) => {
        // Granted although the wait was withdrawn, or a second time: the first time has ended it.
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
