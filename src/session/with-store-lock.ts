import { AsyncSubject, catchError, concatMap, defer, lastValueFrom, Observable, of, share, take } from 'rxjs';
import { withTimeout } from './with-timeout.ts';
import type { TokenSet } from './token-set.ts';
import type { TokenStore } from './token-store.ts';

/**
 * Runs `work` under the store's lock, where it has one. A lock that is not granted in `waitMs` (its holder is frozen) or that
 * fails is reported and done without: `work` reads the store again before it acts, so the worst case is that of a store without one.
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
      }),
    );
    return new Observable<null>((subscriber) => {
      const go = (): void => {
        subscriber.next(null);
      };
      const run = (): Promise<R> => {
        go();
        const done = lastValueFrom(once$);
        // A lock may drop it; whoever waits for the work hears of its failure all the same.
        done.catch(() => undefined);
        return done;
      };
      // One that ends without having run the work will not run it any more.
      store.lock?.(run).then(go, (error: unknown) => {
        subscriber.error(error);
      });
    }).pipe(
      withTimeout(waitMs),
      catchError((error: unknown) => {
        report(error);
        return of(null);
      }),
      // Whoever waits goes when the work is done, and not when the lock has been released.
      take(1),
      concatMap(() => once$),
    );
  });
}
