import type { Observable } from 'rxjs';
import type { RequestHeaders, RequestTarget } from './authorize-request.ts';
import { InvalidInputError, type SluiceError } from './errors.ts';
import type { SessionNotice } from './events.ts';
import type { RequestHistory } from './next-step.ts';
import type { SessionState } from './session-state.ts';

/** What a request has waited for after a 401. */
export interface Recovery {
  /** The app's `refresh` was called, rather than newer tokens being found in the store. */
  readonly refreshCalled: boolean;
}

/** Nothing has been refreshed. Holds no tokens: the outcome of a wait is remembered for its requests. */
export const NO_REFRESH: Recovery = { refreshCalled: false };

/**
 * Internal interface of a session, used by the operator, the axios adapter and the Angular interceptor. Reached by a symbol to
 * keep it out of the public API.
 */
export interface SessionInternals {
  readonly state: SessionState;
  /** How often the session has changed its owner: a request made before the last time is nobody's now. */
  readonly ownerChanges: number;
  /** Emits at each change of owner, after the new state is set; nothing of a former owner goes on after it. */
  readonly ownerChanged$: Observable<void>;
  /**
   * What a request must wait for now; `null` if it need not wait. After a 401, `null` means that the 401 is its outcome. Starts a
   * refresh when one is needed. To be subscribed to at once; requests that wait for the same refresh are given the same Observable.
   */
  waitFor(request: RequestHistory): Observable<Recovery> | null;
  /** Why a request made after so many changes of owner may not be sent any more. */
  ownerChangeError(ownerChanges: number): SluiceError;
  /** Whether a request is made by the running refresh: synchronously in `refresh`, or with its signal. */
  isOwnRequest(signal?: unknown): boolean;
  /** The names of the headers that carry the token; `undefined` until some have been made. */
  readonly credentialNames: readonly string[] | undefined;
  /** The headers that carry the current token, for one send. Throws, or rejects, with whatever `authorize` does. */
  authorization(target: RequestTarget): RequestHeaders | Promise<RequestHeaders>;
  /** To be told of each answer of a trusted origin: it may bring a nonce for the next proof. */
  noteNonce(target: RequestTarget, answer: unknown): void;
  emit(notice: SessionNotice): void;
  /** Whether nothing needs the session now: no request, no refresh, no subscriber of `state$`. */
  readonly isIdle: boolean;
  /** Requests that have begun and not ended. Counted by whoever drives a request's lifecycle. */
  requests: number;
}

export const internalsKey: unique symbol = Symbol.for('sluice.session');

export function internalsOf(session: { readonly [internalsKey]: SessionInternals }): SessionInternals {
  const internals = (session as { readonly [internalsKey]?: SessionInternals } | undefined)?.[internalsKey];
  if (!internals) throw new InvalidInputError('`session` must be what createSession() returned.');
  return internals;
}

/**
 * Whether a request brings one of the headers that carry the token, and with it credentials of its own: the session leaves it alone.
 *
 * @param has - whether the request has a header of this name
 */
export function bringsCredentials(
  internals: SessionInternals,
  target: RequestTarget,
  has: (name: string) => boolean,
): boolean {
  const { status, tokens } = internals.state;
  // Whether that is the header of the token is known when the token's have been made once.
  if (!internals.credentialNames && tokens && has('Authorization')) learnNames(internals, target);
  const isUnread = status === 'restoring' || status === 'unavailable';
  return (internals.credentialNames ?? (isUnread ? [] : ['Authorization'])).some(has);
}

function learnNames(internals: SessionInternals, target: RequestTarget): void {
  try {
    Promise.resolve(internals.authorization(target)).catch(() => undefined);
  } catch {
    // The request that needs these headers fails with it.
  }
}
