import { type Observable, of, type Subscription, take, throwError } from 'rxjs';
import { headerOf } from './http-outcome.ts';
import type { RequestHistory } from './next-step.ts';
import { NO_REFRESH, type Recovery, type SessionInternals } from './session-internals.ts';
import type { SluiceError } from './sluice-error.ts';
import { nonTokenErrorOf } from './www-authenticate.ts';

/** What a request notes of the session when it is made. It holds no token: an app that keeps a response or an error keeps this. */
export interface RequestStart {
  readonly ownerChanges: number;
  readonly generation: number;
  readonly hasTokens: boolean;
}

/** Notes the session's present state for a request that is made now. */
export function startOf({ ownerChanges, state }: SessionInternals): RequestStart {
  return { ownerChanges, generation: state.generation, hasTokens: state.tokens !== null };
}

/**
 * One request from its call to its outcome: what it waits for, whether it may be sent, and what follows from a 401. The axios
 * adapter, the operator and `sessionFetch` drive it. A class, because thousands may wait at once, and closures would take most of
 * their memory.
 */
export class RequestLifecycle implements RequestHistory {
  readonly #internals: SessionInternals;
  readonly #ownerChanges: number;
  #generationAtSend: number;
  #carriedToken: boolean;
  #hasRenewedNonce = false;
  sends = 0;
  causedRefresh = false;
  isUnauthorized = false;

  /** @param start - the session's state when the request was made. The request is bound to the owner of that moment */
  constructor(internals: SessionInternals, start: RequestStart = startOf(internals)) {
    this.#internals = internals;
    this.#ownerChanges = start.ownerChanges;
    this.#generationAtSend = start.generation;
    this.#carriedToken = start.hasTokens;
  }

  /** Must be called when the request begins, so that a `SessionPool` does not dispose of the session meanwhile. */
  begin(): void {
    this.#internals.inProgress += 1;
  }
  /** Must be called once after each `begin`, however the request ends. Otherwise a `SessionPool` keeps the session forever. */
  end(): void {
    this.#internals.inProgress -= 1;
  }

  get hasOtherOwner(): boolean {
    return this.#internals.ownerChanges !== this.#ownerChanges;
  }
  get carried(): RequestHistory['carried'] {
    if (this.#generationAtSend !== this.#internals.state.generation) return 'older';
    return this.#carriedToken ? 'current' : 'nothing';
  }

  /**
   * Returns what to wait for before the request is sent; `null` if it need not wait. Must be called again after each wait, until it returns
   * `null`: after the store was read, for example, the token may need a refresh. If the owner has changed it returns `null`, and `noteSent`
   * throws.
   */
  waitBeforeSend(): Observable<unknown> | null {
    this.isUnauthorized = false;
    return this.hasOtherOwner ? null : this.#internals.waitFor(this);
  }

  /**
   * Notes that the request is sent now with the current token.
   *
   * @throws if the owner has changed: SessionExpiredError if a refused refresh was the cause, otherwise SessionChangedError
   */
  noteSent(): void {
    const internals = this.#internals;
    if (!this.hasOtherOwner && this.sends > 0)
      internals.emit({ type: 'request-resent', generation: internals.state.generation });
    // Check the owner after everything that can run code of the app: waitBeforeSend() may have started a refresh that was refused
    // synchronously, and listeners of `request-resent` may sign in or out.
    this.assertOwner();
    const { tokens, generation } = internals.state;
    this.#generationAtSend = generation;
    this.#carriedToken = tokens !== null;
    this.sends += 1;
  }

  /** @throws if the owner has changed: SessionExpiredError if a refused refresh was the cause, otherwise SessionChangedError */
  assertOwner(): void {
    if (this.hasOtherOwner) throw this.#internals.ownerChangeError(this.#ownerChanges);
  }

  /**
   * When the owner changes, or at once if the owner has changed already, calls `end` with the error that the request must fail with.
   * Unsubscribe the returned subscription to stop.
   */
  onOwnerChange(end: (error: SluiceError) => void): Subscription {
    const internals = this.#internals;
    const changed$ = this.hasOtherOwner ? of(undefined) : internals.ownerChanged$;
    // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
    return changed$.pipe(take(1)).subscribe(() => {
      end(internals.ownerChangeError(this.#ownerChanges));
    });
  }

  /** Returns what to wait for before the request is resent after this 401, or `null` if the 401 is its outcome. */
  waitAfterUnauthorized(outcome: unknown): Observable<Recovery> | null {
    const internals = this.#internals;
    const error = nonTokenErrorOf(headerOf(outcome, 'www-authenticate'));
    if (error === 'use_dpop_nonce' && !this.#hasRenewedNonce && !this.hasOtherOwner) {
      // The server wants a proof with the nonce of this response (RFC 9449 section 8) and says nothing about the token. Take the send
      // back, so that it counts neither towards the limit of sends nor as a resend.
      this.#hasRenewedNonce = true;
      this.sends -= 1;
      return of(NO_REFRESH);
    }
    if (error !== undefined) {
      internals.emit({ type: 'challenged', error });
      return null;
    }
    this.isUnauthorized = true;
    // The owner has changed since the request was made. If it carried a token, it fails; if it carried none, the 401 concerns no session
    // and is passed on.
    if (this.hasOtherOwner)
      return this.#carriedToken ? throwError(() => internals.ownerChangeError(this.#ownerChanges)) : null;
    return internals.waitFor(this);
  }

  /**
   * Notes the outcome of the wait after a 401. Only a call of `refresh` counts as the one refresh that a request may cause: tokens that
   * were found in the store may be dead, and then the request must still be able to cause one.
   */
  noteRecovery({ refreshCalled }: Recovery): void {
    this.causedRefresh ||= refreshCalled;
  }
}
