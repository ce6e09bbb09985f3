import { EMPTY, merge, type Subscription, tap } from 'rxjs';
import type { AxiosLike, Client } from '../http/index.ts';
import type { Session, TokenSet } from '../session/index.ts';
import { internalsOf } from '../session/internal.ts';
import { requestTrack } from './request-track.ts';
import { sessionTrack } from './session-track.ts';
import { traceOf } from './trace-requests.ts';

/**
 * Shows a session and the requests of a client in the Performance panel of Chromium browsers, while the panel records: a track for the
 * session, with each refresh, and a track for the requests, with each time that a request was held and each of its sends. Other browsers
 * and Node show nothing. An entry costs about a microsecond and is not kept in memory.
 *
 * @param api - the client, or the axios instance that `attachSession()` was called with; without it there is only the session's track
 * @returns a subscription: `unsubscribe()` ends the tracks
 * @throws InvalidInputError if `session` is not a session, or `api` neither a client nor an axios instance
 * @see https://developer.chrome.com/docs/devtools/performance/extension
 * @example
 * ```ts
 * if (import.meta.env.DEV) trackEvents(session, api);
 * ```
 */
export function trackEvents<T extends TokenSet>(session: Session<T>, api?: Client | AxiosLike): Subscription {
  internalsOf(session);
  const requests$ = api === undefined ? EMPTY : traceOf(api, 'trackEvents(): api').pipe(tap(requestTrack()));
  return merge(session.events$.pipe(tap(sessionTrack())), requests$).subscribe();
}
