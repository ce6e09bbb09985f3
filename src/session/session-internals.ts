import type { Observable } from 'rxjs';
import type { RequestHeaders, RequestTarget } from './authorize-request.ts';
import type { SessionNotice } from './events.ts';
import { InvalidInputError } from './invalid-input-error.ts';
import type { RequestHistory } from './next-step.ts';
import type { SessionState } from './session-state.ts';
import type { SluiceError } from './sluice-error.ts';
import { kindOf } from './token-set.ts';

/** The outcome of a request's wait. */
export interface Recovery {
  /** Whether the app's `refresh` was called, rather than newer tokens being found in the store or brought by `update()`. */
  readonly refreshCalled: boolean;
}

/**
 * The outcome of a wait that called no `refresh`. Outcomes hold no tokens: http/cancellation.ts caches them, which would keep the tokens in
 * memory.
 */
export const NO_REFRESH: Recovery = { refreshCalled: false };

/**
 * Internal interface of a session: for `retryOnUnauthorized`, the axios adapter, `sessionFetch`, the Angular interceptor and `SessionPool`.
 * Reached by a symbol to keep it out of the public API.
 */
export interface SessionInternals {
  readonly state: SessionState;
  /** How often the owner has changed. A request that noted another number was made for a former owner and must not be sent. */
  readonly ownerChanges: number;
  /** Emits at each change of owner, after the new state is set. Work for a former owner must end then. */
  readonly ownerChanged$: Observable<void>;
  /**
   * Returns what a request must wait for now; `null` if it need not wait. After a 401, `null` means that the 401 is its outcome. May start
   * a refresh. The caller must subscribe at once, because a later subscription could start another refresh. Requests that wait for the same
   * refresh get the same Observable.
   */
  waitFor(request: RequestHistory): Observable<Recovery> | null;
  /**
   * Returns the error for a request whose owner has left, identified by the `ownerChanges` that the request noted: `SessionExpiredError` if
   * that owner's refresh was refused, otherwise `SessionChangedError`.
   */
  ownerChangeError(ownerChanges: number): SluiceError;
  /**
   * Whether the app's `refresh` makes this request: in its synchronous part, or with the signal that it was given. Such a request must not
   * wait for the refresh, which waits for the request.
   */
  isOwnRequest(signal?: unknown): boolean;
  /** The names of the headers that carry the token; `undefined` until `authorize` has returned some. */
  readonly credentialNames: readonly string[] | undefined;
  /** Returns the headers that carry the current token, for one send. Throws or rejects as `authorize` does. */
  authorization(target: RequestTarget): RequestHeaders | Promise<RequestHeaders>;
  /** Keeps the `DPoP-Nonce` of a response for the next call of `authorize`. Must be called with each response of a trusted origin. */
  noteNonce(target: RequestTarget, answer: unknown): void;
  /** Emits an event of the session. */
  emit(notice: SessionNotice): void;
  /**
   * Whether the session has no request or write in progress, no refresh in flight and no subscriber of `state$`. A `SessionPool` disposes
   * of idle sessions only.
   */
  readonly isIdle: boolean;
  /** How many requests and writes are in progress. `RequestLifecycle` counts the requests. */
  inProgress: number;
}

/** The key of a session's internals. A registered symbol, so that two installed copies of the package can share a session. */
export const internalsKey: unique symbol = Symbol.for('sluice.session');

/** @throws InvalidInputError if `session` was not created by `createSession` */
export function internalsOf(session: { readonly [internalsKey]: SessionInternals }): SessionInternals {
  const internals = (session as { readonly [internalsKey]?: SessionInternals } | undefined)?.[internalsKey];
  if (!internals)
    throw new InvalidInputError(`\`session\` must be what createSession() returned; given: ${kindOf(session)}.`);
  return internals;
}

/**
 * Whether the caller has set one of the headers that carry the token. The request then has credentials of its own, and is sent as it is.
 * Must be called again before the send: until the store has been read, the names of these headers may be unknown, and the result is then
 * `false`.
 *
 * @param has - tells whether the request has a header of this name
 */
export function bringsCredentials(
  internals: SessionInternals,
  target: RequestTarget,
  has: (name: string) => boolean,
): boolean {
  const { status, tokens } = internals.state;
  // Only a call of `authorize` tells which headers carry the token. If `Authorization` is not one of them, the request needs the token in
  // spite of its own `Authorization`.
  if (!internals.credentialNames && tokens && has('Authorization')) learnNames(internals, target);
  const isUnread = status === 'restoring' || status === 'unavailable';
  return (internals.credentialNames ?? (isUnread ? [] : ['Authorization'])).some(has);
}

function learnNames(internals: SessionInternals, target: RequestTarget): void {
  try {
    Promise.resolve(internals.authorization(target)).catch(() => undefined);
  } catch {
    // The error of `authorize` is ignored: the names stay unknown, and a request with its own `Authorization` is sent as it is.
  }
}
