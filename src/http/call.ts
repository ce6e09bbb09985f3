import { type RequestStart, type SessionInternals, startOf } from '../session/internal.ts';

/**
 * What a request notes when an attached instance is called, or when a client's Observable is subscribed to. Another person may sign in
 * while interceptors run; without these notes the request would be sent with that person's token.
 */
export interface Call {
  readonly internals: SessionInternals;
  /** Tells whose request it is. Holds no token, because an app that keeps a response or an error keeps this as well. */
  readonly start: RequestStart;
  /** Whether `refresh` makes this request, which must not wait for the refresh: the two would wait for each other. */
  readonly isOwn: boolean;
}

/** @param signal - of the request; a request that `refresh` makes after an `await` is recognised by the signal that `refresh` was given */
export function callOf(internals: SessionInternals, signal: unknown): Call {
  return { internals, start: startOf(internals), isOwn: internals.isOwnRequest(signal) };
}
