import { defer, finalize, identity, ignoreElements, map, merge, type MonoTypeOperatorFunction, takeUntil } from 'rxjs';
import type { Client } from '../http/index.ts';
import { partsOf } from '../http/internal.ts';
import { internalsOf, RequestLifecycle } from '../session/internal.ts';

/**
 * Makes a stream fail with `SessionChangedError` when the session's owner changes, also while the stream waits for its next connection:
 * that connection would receive another person's events. A stream that was subscribed to while nobody was signed in goes on when
 * somebody signs in, and belongs to that owner from then on.
 */
export function endingWithOwner<T>(
  api: Client,
  { session: wanted }: { readonly session?: false },
): MonoTypeOperatorFunction<T> {
  const session = partsOf(api)?.session;
  if (!session || wanted === false) return identity;
  return (source) =>
    defer(() => {
      const internals = internalsOf(session);
      const lifecycle = new RequestLifecycle(internals);
      let { ownerChanges } = internals;
      let { owner } = internals.state;
      const ownerNoted$ = session.state$.pipe(
        map((state) => {
          ({ owner } = state);
        }),
      );
      // `ownerChanged$` emits before `state$` does, so `owner` is still the former one here.
      const left$ = internals.ownerChanged$.pipe(
        map(() => {
          if (owner !== null) throw internals.ownerChangeError(ownerChanges);
          ({ ownerChanges } = internals);
        }),
      );
      // Count the stream as one request of the session: otherwise a session pool would dispose of the session while the stream waits for
      // its next connection.
      lifecycle.begin();
      return source.pipe(
        takeUntil(merge(ownerNoted$, left$).pipe(ignoreElements())),
        finalize(() => {
          lifecycle.end();
        }),
      );
    });
}
