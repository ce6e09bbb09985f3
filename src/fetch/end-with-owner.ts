import type { Subscription } from 'rxjs';
import type { RequestLifecycle, SessionInternals } from '../session/internal.ts';

/**
 * Removes the listener that would end a body when that body has been garbage-collected. Otherwise, and on platforms without
 * `FinalizationRegistry` (React Native, older edge runtimes), the session keeps one listener for each response until the owner changes.
 */
const listening: FinalizationRegistry<Subscription> | undefined =
  typeof FinalizationRegistry === 'undefined'
    ? undefined
    : /* @__PURE__ */ new FinalizationRegistry((subscription) => {
        subscription.unsubscribe();
      });

/**
 * Fails the body of a response when the session's owner changes while the body is being received: with `SessionChangedError`, or with
 * `SessionExpiredError` if a refused refresh ended the session. Otherwise an endless stream would show one person's events to the next.
 *
 * @param controller - aborts the request of the response
 */
export function endWithOwner(
  { body, headers }: Response,
  controller: AbortController,
  internals: SessionInternals,
  lifecycle: RequestLifecycle,
): void {
  // If the owner changed while the request was in flight, a body of known length is delivered, as axios delivers it. Any other body may be
  // a stream without an end.
  if (!body || (lifecycle.hasOtherOwner && headers.has('content-length'))) return;
  const subscription = lifecycle.onOwnerChange((error) => {
    // Do not end the body when the session is disposed of: a `SessionPool` disposes of idle sessions, and does not know of this body.
    if (internals.state.status !== 'disposed') controller.abort(error);
  });
  listening?.register(body, subscription);
}
