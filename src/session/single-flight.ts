import { AsyncSubject, type Observable, share, tap } from 'rxjs';

/**
 * How many share one Subject. It takes whoever leaves, and at the end everybody, off an array: among tens of thousands that costs
 * more than their requests.
 */
const BRANCH = 256;

/**
 * Lets all subscribers share one run of the source, and makes a new run after that one has settled. Returns what joins the run: it
 * gives an Observable to be subscribed to at once, and the same one to many who join the same run.
 *
 * Not ref-counted: a run that everybody has left still finishes, for a server may have acted on it already. The source ends
 * itself when it must. The connector gives the value at completion, and `share` has reset by then: whoever asks again from
 * within that notification gets a new run and not the one that is just ending.
 */
export function singleFlight<T>(source: Observable<T>): () => Observable<T> {
  let branch$: Observable<T> | null = null;
  let joined = 0;
  // The branches of a run that settles are not told all at once: who asks again meanwhile must not join one.
  const close = (): void => {
    branch$ = null;
  };
  const run$ = source.pipe(
    tap({ complete: close, error: close }),
    share({ connector: () => new AsyncSubject<T>(), resetOnRefCountZero: false }),
  );
  return () => {
    if (!branch$ || joined === BRANCH) {
      joined = 0;
      branch$ = run$.pipe(share());
    }
    joined += 1;
    return branch$;
  };
}
