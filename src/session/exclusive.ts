import {
  AsyncSubject,
  catchError,
  defer,
  from,
  lastValueFrom,
  merge,
  NEVER,
  share,
  switchMap,
  take,
  timer,
  type Observable,
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
    let started = false;
    const locked$ = from(
      store.lock?.(() => {
        started = true;
        return lastValueFrom(once$);
      }) ?? NEVER,
    ).pipe(
      catchError((error: unknown) => {
        if (!started) report(error);
        return once$;
      }),
    );
    const patience$ = waitMs > LONGEST_DELAY_MS ? NEVER : timer(waitMs).pipe(switchMap(() => once$));
    return merge(locked$, patience$).pipe(take(1));
  });
}
