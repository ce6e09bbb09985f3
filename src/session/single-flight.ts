import { AsyncSubject, merge, type Observable, share, take, tap } from 'rxjs';

/**
 * Subscribers per Subject. A Subject removes each observer from an array, which is quadratic for tens of thousands; groups of 256
 * keep it cheap.
 */
const SUBSCRIBERS_PER_SUBJECT = 256;

/**
 * Lets all subscribers share one run of the source, and makes a new run after that one has settled. Returns what joins the run: it
 * gives an Observable to be subscribed to at once, and the same one to many who join the same run.
 *
 * Not ref-counted: a run that everybody has left still finishes, for a server may have acted on it already. The source ends
 * itself when it must. The connector gives the value at completion, and `share` has reset by then: a subscriber that asks again from
 * within that notification gets a new run and not the one that is just ending.
 *
 * @param released$ - gives its value to all that wait now; the run goes on
 */
export function singleFlight<T>(source: Observable<T>, released$?: Observable<T>): () => Observable<T> {
  let group$: Observable<T> | null = null;
  let joined = 0;
  // Groups are notified one after another. Forget the group first, so that a subscriber that asks again during the notification
  // starts a new run.
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
