import { AsyncSubject, merge, type Observable, share, take, tap } from 'rxjs';

/**
 * Subscribers per Subject. A Subject removes each observer from an array, which is quadratic for tens of thousands; groups of 256
 * keep it cheap.
 */
const SUBSCRIBERS_PER_SUBJECT = 256;

/**
 * Lets all subscribers share one run of the source, and starts a new run after that one has settled. Returns a function that joins the run:
 * it returns an Observable that must be subscribed to at once, because a later subscription could start another run. Many callers get the
 * same Observable.
 *
 * The run is not ref-counted: it finishes even if all subscribers have left, because a server may have acted on it already. The
 * AsyncSubject emits the value at completion, when `share` has been reset, so that a subscriber that joins again during that notification
 * starts a new run instead of joining the one that is ending.
 *
 * @param released$ - its value is emitted to all current subscribers, and ends their wait; the run continues
 */
export function singleFlight<T>(source: Observable<T>, released$?: Observable<T>): () => Observable<T> {
  let group$: Observable<T> | null = null;
  let joined = 0;
  // The groups of subscribers are notified one after another. Forget the last group first: a subscriber that asks again during the
  // notification would otherwise join a group that is not notified yet, and get the outcome of the run that has ended.
  const forget = (): void => {
    group$ = null;
  };
  const run$ = source.pipe(
    tap({ complete: forget, error: forget }),
    share({ connector: () => new AsyncSubject<T>(), resetOnRefCountZero: false }),
  );
  const outcome$ = released$ ? merge(run$, released$.pipe(tap(forget))).pipe(take(1)) : run$;
  return () => {
    if (!group$ || joined === SUBSCRIBERS_PER_SUBJECT) {
      joined = 0;
      group$ = outcome$.pipe(share());
    }
    joined += 1;
    return group$;
  };
}
