import { defer, finalize, identity, ignoreElements, map, type MonoTypeOperatorFunction, takeUntil } from 'rxjs';
import type { Client } from '../http/index.ts';
import { partsOf } from '../http/internal.ts';
import { internalsOf, RequestLifecycle } from '../session/internal.ts';

/**
 * Fails with `SessionChangedError` when the owner leaves for whom the stream was subscribed to, also between two connections: the next
 * one would show another person's events. A stream that began while nobody was signed in goes on, and is the next owner's.
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
      let isNobodys = internals.state.status === 'signed-out';
      const left$ = internals.ownerChanged$.pipe(
        map(() => {
          if (!isNobodys) throw internals.ownerChangeError(ownerChanges);
          isNobodys = internals.state.owner === null;
          ({ ownerChanges } = internals);
        }),
      );
      // A pool keeps the session while the stream waits for its next connection, too.
      lifecycle.begin();
      return source.pipe(
        takeUntil(left$.pipe(ignoreElements())),
        finalize(() => {
          lifecycle.end();
        }),
      );
    });
}
