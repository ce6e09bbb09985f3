import { type RequestStart, type SessionInternals, startOf } from '../session/internal.ts';

/** What is fixed when a request is called: interceptors may take their time, and somebody else may sign in meanwhile. */
export interface Call {
  readonly internals: SessionInternals;
  /** Whose request it is. It holds no token, because a response or an error that is kept leads here. */
  readonly start: RequestStart;
  /** Whether `refresh` makes this request: it must not wait for the refresh that waits for it. */
  readonly isOwn: boolean;
}

/** @param signal - the request's own, by which a request is known that `refresh` makes after an `await` */
export function callOf(internals: SessionInternals, signal: unknown): Call {
  return { internals, start: startOf(internals), isOwn: internals.isOwnRequest(signal) };
}
