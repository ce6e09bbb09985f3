import type { Observable } from 'rxjs';
import { InvalidInputError, type SluiceError } from './errors.ts';
import type { SessionEvent } from './events.ts';
import type { RequestHistory } from './next-step.ts';
import type { SessionState } from './session-state.ts';

/** What a request has waited for after a 401. */
export interface Recovery {
  /** The app's `refresh` was called, rather than newer tokens being found in the store. */
  readonly refreshCalled: boolean;
}

/**
 * Internal interface of a session, used by the operator, the axios adapter and the Angular interceptor. Reached by a symbol to
 * keep it out of the public API.
 */
export interface SessionInternals {
  readonly state: SessionState;
  /**
   * What a request must wait for before it is sent; `null` if it may go now. Starts a refresh when the clock says so. To be
   * subscribed to at once; requests that wait for the same refresh are given the same Observable.
   */
  waitBeforeSend(request: RequestHistory): Observable<unknown> | null;
  /** What a request must wait for after a 401 before it is sent again; `null` if the 401 is its outcome. */
  waitAfterUnauthorized(request: RequestHistory): Observable<Recovery> | null;
  /** Why a request made for `epoch` may not be sent, when that is not the current epoch. */
  ownerChangeError(epoch: number): SluiceError;
  /** Whether a request is made by the running refresh: synchronously in `refresh`, or with its signal. */
  isOwnRequest(signal?: unknown): boolean;
  /** The headers that carry the current token. */
  authorization(): Record<string, string>;
  emit(event: SessionEvent): void;
}

export const internalsKey: unique symbol = Symbol.for('sluice.gate');

export function internalsOf(session: { readonly [internalsKey]: SessionInternals }): SessionInternals {
  const internals = (session as { readonly [internalsKey]?: SessionInternals } | undefined)?.[internalsKey];
  if (!internals) throw new InvalidInputError('`session` must be what createSession() returned.');
  return internals;
}

/** The names of the headers that carry the token. A request that brings one of them has credentials of its own. */
export function credentialNames(
  internals: SessionInternals,
  authorization: Record<string, string> = internals.authorization(),
): string[] {
  if (internals.state.tokens) return Object.keys(authorization);
  // Which headers will carry the token is not known before there is one.
  return internals.state.status === 'restoring' ? [] : ['Authorization'];
}
