import {
  AsyncSubject,
  catchError,
  concatMap,
  defer,
  lastValueFrom,
  merge,
  NEVER,
  Observable,
  of,
  share,
  take,
  timer,
} from 'rxjs';
import { LONGEST_DELAY_MS } from './bounded.ts';
import type { TokenSet } from './token-set.ts';
import type { TokenStore } from './token-store.ts';

/**
 * Runs `work` under the store's lock, where it has one. A lock that is not granted in `waitMs` (its holder is frozen) or that
 * fails is done without: `work` reads the store again before it acts, so the worst case is the one of a store without a lock.
 */
export function exclusive<T extends TokenSet, R>(
  store: TokenStore<T>,
  work: Observable<R>,
  waitMs: number,
  report: (error: unknown) => void,
): Observable<R> {
  if (!store.lock) return work;
  return defer(() => {
    // Whoever comes first starts the work: the lock, or the end of patience. A lock granted afterwards finds it done.
    const once$ = work.pipe(
      share({
        connector: () => new AsyncSubject<R>(),
        resetOnComplete: false,
        resetOnError: false,
        resetOnRefCountZero: false,
      }),
    );
    const granted$ = new Observable<null>((subscriber) => {
      const go = (): void => {
        subscriber.next(null);
      };
      const run = (): Promise<R> => {
        go();
        return lastValueFrom(once$);
      };
      // One that ends without having run the work will not run it any more.
      store.lock?.(run).then(go, (error: unknown) => {
        subscriber.error(error);
      });
    }).pipe(
      catchError((error: unknown) => {
        report(error);
        return of(null);
      }),
    );
    const patience$ = waitMs > LONGEST_DELAY_MS ? NEVER : timer(waitMs);
    // Whoever waits goes when the work is done, and not when the lock has been released.
    return merge(granted$, patience$).pipe(
      take(1),
      concatMap(() => once$),
    );
  });
}
