import { type Observable, of, type Subscription, take, throwError } from 'rxjs';
import type { SluiceError } from './errors.ts';
import { headerOf } from './http-outcome.ts';
import type { RequestHistory } from './next-step.ts';
import { NO_REFRESH, type Recovery, type SessionInternals } from './session-internals.ts';
import { nonTokenErrorOf } from './www-authenticate.ts';

/** What is noted of a session when a request is made. It holds no token: it may travel with the request's config. */
export interface RequestStart {
  readonly ownerChanges: number;
  readonly generation: number;
  readonly hasTokens: boolean;
}

export function startOf({ ownerChanges, state }: SessionInternals): RequestStart {
  return { ownerChanges, generation: state.generation, hasTokens: state.tokens !== null };
}

/**
 * One request from its call to its outcome: what it waits for, whether it may be sent, and what a 401 leads to. A class, because
 * thousands may wait at once, and closures would be most of what each of them holds.
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

  /** @param start - the session when the request was made: the request is for that owner only */
  constructor(internals: SessionInternals, start: RequestStart = startOf(internals)) {
    this.#internals = internals;
    this.#ownerChanges = start.ownerChanges;
    this.#generationAtSend = start.generation;
    this.#carriedToken = start.hasTokens;
  }

  /** To be called when the request has begun, and `end` when it has ended, however it did: a pool keeps the session meanwhile. */
  begin(): void {
    this.#internals.requests += 1;
  }
  end(): void {
    this.#internals.requests -= 1;
  }

  get hasOtherOwner(): boolean {
    return this.#internals.ownerChanges !== this.#ownerChanges;
  }
  get carried(): RequestHistory['carried'] {
    if (this.#generationAtSend !== this.#internals.state.generation) return 'older';
    return this.#carriedToken ? 'current' : 'nothing';
  }

  /** What to wait for before the request is sent; `null` if it may go now. To be called again after the wait. */
  waitBeforeSend(): Observable<unknown> | null {
    this.isUnauthorized = false;
    return this.hasOtherOwner ? null : this.#internals.waitFor(this);
  }

  /**
   * Notes that the request is sent now.
   *
   * @throws SessionExpiredError if the refresh was refused, otherwise SessionChangedError, when the owner has changed
   */
  noteSent(): void {
    const internals = this.#internals;
    if (!this.hasOtherOwner && this.sends > 0)
      internals.emit({ type: 'request-resent', generation: internals.state.generation });
    // Checked after everything that can run code of the app: waitBeforeSend() may have started a refresh that was refused
    // synchronously, and listeners of `request-resent` may sign in or out.
    this.assertOwner();
    const { tokens, generation } = internals.state;
    this.#generationAtSend = generation;
    this.#carriedToken = tokens !== null;
    this.sends += 1;
  }

  /** @throws SessionExpiredError if the refresh was refused, otherwise SessionChangedError, when the owner has changed */
  assertOwner(): void {
    if (this.hasOtherOwner) throw this.#internals.ownerChangeError(this.#ownerChanges);
  }

  /** Calls `end` with the reason when the owner of the request leaves; not any more once it is unsubscribed. */
  onOwnerChange(end: (error: SluiceError) => void): Subscription {
    // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
    return this.#internals.ownerChanged$.pipe(take(1)).subscribe(() => {
      end(this.#internals.ownerChangeError(this.#ownerChanges));
    });
  }

  /** What to wait for before the request is sent again after this 401; `null` if the 401 is its outcome. */
  waitAfterUnauthorized(outcome: unknown): Observable<Recovery> | null {
    const internals = this.#internals;
    const error = nonTokenErrorOf(headerOf(outcome, 'www-authenticate'));
    if (error === 'use_dpop_nonce' && !this.#hasRenewedNonce && !this.hasOtherOwner) {
      // The proof needs the nonce that came with this answer. That says nothing of the token, and is no resend.
      this.#hasRenewedNonce = true;
      this.sends -= 1;
      return of(NO_REFRESH);
    }
    if (error !== undefined) {
      internals.emit({ type: 'challenged', error });
      return null;
    }
    this.isUnauthorized = true;
    // A request that carried no token concerned no session: the server's answer is passed on.
    if (this.hasOtherOwner)
      return this.#carriedToken ? throwError(() => internals.ownerChangeError(this.#ownerChanges)) : null;
    return internals.waitFor(this);
  }

  /** Notes what that wait came to. Tokens found in the store may be dead: only a call of `refresh` counts as its one refresh. */
  noteRecovery({ refreshCalled }: Recovery): void {
    this.causedRefresh ||= refreshCalled;
  }
}
