import type { Subscription } from 'rxjs';
import type { RequestLifecycle, SessionInternals } from '../session/internal.ts';

/** A body that nobody holds any more needs no end. React Native and older edge runtimes cannot tell. */
const listening: FinalizationRegistry<Subscription> | undefined =
  typeof FinalizationRegistry === 'undefined'
    ? undefined
    : /* @__PURE__ */ new FinalizationRegistry((subscription) => {
        subscription.unsubscribe();
      });

/**
 * Ends the body of an answer with `SessionChangedError` when the owner of its request leaves while it is still being received: an
 * endless stream would show one person's events to the next.
 *
 * @param controller - aborts the request that was answered
 */
export function endWithOwner(
  { body }: Response,
  controller: AbortController,
  internals: SessionInternals,
  lifecycle: RequestLifecycle,
): void {
  if (!body) return;
  const subscription = lifecycle.onOwnerChange((error) => {
    // A pool disposes of a session that seems idle: nobody can tell that a body is still being read.
    if (internals.state.status !== 'disposed') controller.abort(error);
  });
  listening?.register(body, subscription);
}
