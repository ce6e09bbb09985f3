import { take, type Subscription } from 'rxjs';
import type { RequestLifecycle, SessionInternals } from '../session/internal.ts';

/** A body that nobody holds any more needs no end. */
const listening = /* @__PURE__ */ new FinalizationRegistry<Subscription>((subscription) => {
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
  const end = (): void => {
    // A pool disposes of a session that seems idle: nobody can tell that a body is still being read.
    if (internals.state.status === 'disposed') return;
    try {
      lifecycle.assertOwner();
    } catch (error) {
      controller.abort(error);
    }
  };
  // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
  listening.register(body, internals.ownerChanged$.pipe(take(1)).subscribe(end));
}
