import {
  asyncScheduler,
  concatMap,
  defer,
  EMPTY,
  type Observable,
  of,
  Subject,
  takeUntil,
  throwError,
  throwIfEmpty,
} from 'rxjs';
import { type LateTokens, RefreshCall } from './call-refresh.ts';
import type { RefreshFigures, RefreshReason } from './events.ts';
import { nextStep, type NextStep, type RequestHistory } from './next-step.ts';
import { newOwner } from './owner.ts';
import { refreshFlight, type RefreshOutcome } from './refresh-flight.ts';
import type { Refreshed, RefresherContext } from './refresher-context.ts';
import type { RefreshFault } from './safe-callbacks.ts';
import { SessionChangedError, SessionExpiredError } from './session-errors.ts';
import { NO_REFRESH, type Recovery } from './session-internals.ts';
import { singleFlight } from './single-flight.ts';
import type { Stored } from './store-port.ts';
import { isSameTokens, type TokenSet } from './token-set.ts';

/** Decides when a session refreshes, runs one refresh at a time, and applies its outcome. */
export class Refresher<T extends TokenSet> {
  readonly #context: RefresherContext<T>;
  #reason: RefreshReason = 'requested';
  /** Emits tokens that `update()`, another holder or an earlier call of `refresh` brought during a refresh, for the waiting requests. */
  #released$: Subject<Refreshed<T>> | undefined;
  #flight: (() => Observable<Refreshed<T>>) | undefined;
  /** The call of `refresh` that is in progress, or the last one. */
  #call: RefreshCall<T> | undefined;
  #startedAt = 0;
  /** How many requests have waited since the last refresh ended. */
  #waiting = 0;
  /** The error of the last refresh that was refused for good, and the number of owner changes that identifies its owner. */
  #refused: { readonly ownerChanges: number; readonly error: SessionExpiredError } | undefined;

  constructor(context: RefresherContext<T>) {
    this.#context = context;
  }

  /** Starts a refresh at subscription, or joins the one in flight. */
  start(reason: RefreshReason): Observable<Refreshed<T>> {
    return defer(() => this.#join(reason));
  }

  #join(reason = this.#reason): Observable<Refreshed<T>> {
    this.#reason = reason;
    this.#flight ??= singleFlight(
      defer(() => this.#refresh(this.#reason)),
      (this.#released$ = new Subject()),
    );
    return this.#flight();
  }

  isOwnRequest(signal: unknown): boolean {
    return this.#call?.isOwnRequest(signal) ?? false;
  }

  ownerChangeError(ownerChanges: number): SessionExpiredError | SessionChangedError {
    if (this.#refused?.ownerChanges === ownerChanges) return this.#refused.error;
    return new SessionChangedError(this.#context.record.isDisposed ? 'The session has been disposed of.' : undefined);
  }

  /** Returns what a request must wait for, and may start a refresh. `null`: no wait before a send; after a 401, the 401 is final. */
  waitFor(request: RequestHistory): Observable<Recovery> | null {
    if (request.isUnauthorized && request.carried !== 'older') this.#context.freshness.noteRejected();
    const reason = request.isUnauthorized ? 'unauthorized' : 'expiring';
    const step = nextStep(this.#context.freshness, request);
    if (step === 'go-and-refresh') {
      // This request does not wait for the refresh. Without this handler RxJS would throw its error globally; `refresh-failed` reports it.
      this.start('expiring').subscribe({ error: () => undefined });
      return null;
    }
    if (step === 'final') return null;
    if (step === 'go') return request.isUnauthorized ? NOTHING$ : null;
    return this.#wait(step, reason);
  }

  #wait(step: NextStep, reason: RefreshReason): Observable<Recovery> {
    if (step === 'fail') {
      const { freshness, record } = this.#context;
      return throwError(() => freshness.recentError ?? this.ownerChangeError(record.ownerChanges));
    }
    this.#waiting += 1;
    return step === 'wait' ? this.#join() : this.start(reason);
  }

  /** Applies what another session wrote. Skips tokens that this session has: adopted again, they would not count as rejected any more. */
  adopt(stored: Stored<T>, endsRefresh = false): void {
    const { record, freshness } = this.#context;
    const { owner, tokens, reason, refreshedAt = -Infinity } = stored;
    const { state, ownerChanges } = record;
    if (owner !== null && tokens) {
      if (owner === state.owner && isSameTokens(tokens, state.tokens)) return;
      freshness.noteExpiry(tokens, refreshedAt);
      if (owner !== state.owner) record.signedIn(owner, tokens);
      else {
        freshness.noteRefreshed(refreshedAt);
        this.#replaceTokens(owner, tokens, undefined, endsRefresh);
      }
    } else if (state.owner !== null || state.tokens) {
      if (reason === 'expired') this.#end(new SessionExpiredError());
      else record.signedOut('elsewhere');
    }
    if (record.ownerChanges !== ownerChanges) this.dropUnsaved();
  }

  /** Makes tokens current that the app passed to `update()`. */
  update(owner: string, tokens: T): void {
    this.#context.freshness.noteExpiry(tokens);
    this.#replaceTokens(owner, tokens, undefined, false);
  }

  /** Revokes refreshed tokens of a former owner that could not be stored. */
  dropUnsaved(): void {
    const { store, callbacks } = this.#context;
    const unsaved = store.takeUnsaved();
    if (unsaved) callbacks.revoke(unsaved);
  }

  /** Runs one refresh and applies its outcome. */
  #refresh(reason: RefreshReason): Observable<Refreshed<T>> {
    const { record, options } = this.#context;
    // Take only the owner out of the state: `late$` below keeps it, and the state would keep the tokens in memory after a sign-out.
    const { owner } = record.state;
    const { ownerChanges } = record;
    const call = new RefreshCall(options, reason, (notice) => record.emit(notice));
    this.#call = call;
    this.#startedAt = asyncScheduler.now();
    // eslint-disable-next-line rxjs-x/no-ignored-error -- a late failure changes nothing
    call.late$.subscribe((late) => {
      this.#useLateTokens(late, owner, ownerChanges, call);
    });
    record.refreshStarted(reason);
    // A listener of `refresh-started` may have signed in or out: then `refresh` must not be called.
    const flight$ = record.ownerChanges === ownerChanges ? refreshFlight(this.#context, call) : EMPTY;
    const outcome$ = flight$.pipe(takeUntil(record.ownerChanged$));
    return outcome$.pipe(
      throwIfEmpty(() => this.#ownerChanged(ownerChanges)),
      concatMap((outcome) => this.#apply(outcome, call)),
    );
  }

  #apply(outcome: RefreshOutcome<T>, call: RefreshCall<T>): Observable<Refreshed<T>> {
    const { record } = this.#context;
    const { ownerChanges } = record;
    if (outcome.kind === 'failed') {
      this.#applyFailure(outcome, ownerChanges);
      return throwError(() => outcome.error);
    }
    if (outcome.kind === 'refreshed') {
      this.#useRefreshed(outcome.owner, outcome.tokens, true);
    } else if (outcome.kind !== 'superseded') this.adopt(outcome.stored, true);
    if (record.ownerChanges === ownerChanges) return this.#settle(call);
    // If a listener of `refresh-succeeded` has signed in or out, emit no second event for this refresh.
    const isReported = outcome.kind === 'refreshed';
    return throwError(() => (isReported ? this.ownerChangeError(ownerChanges) : this.#ownerChanged(ownerChanges)));
  }

  /** Ends the refresh. If it found tokens that a server has rejected already, refreshes again: requests would be sent with them. */
  #settle(call: RefreshCall<T>): Observable<Refreshed<T>> {
    const { record, freshness } = this.#context;
    const { ownerChanges } = record;
    if (freshness.isRejected && freshness.recentRefresh !== 'succeeded' && freshness.canRefresh())
      return this.#refresh('unauthorized');
    // Check the owner twice: listeners of `callback-failed`, if `canRefresh` threw, and subscribers of `state$` may sign in or out.
    if (record.ownerChanges === ownerChanges && freshness.status === 'refreshing') record.refreshEnded();
    const { tokens } = record.state;
    if (record.ownerChanges !== ownerChanges || !tokens) return throwError(() => new SessionChangedError());
    return of({ tokens, refreshCalled: call.generation >= 0 });
  }

  #applyFailure({ error, retryAfterMs }: RefreshFault, ownerChanges: number): void {
    const { record, freshness, store } = this.#context;
    const { owner, generation } = record.state;
    const keepsSession = error.code === 'refresh-failed';
    freshness.noteFailed(error, retryAfterMs);
    record.emit({
      type: 'refresh-failed',
      reason: keepsSession ? error.reason : 'rejected',
      ...(keepsSession && error.retryAt !== undefined && { retryAt: error.retryAt }),
      ...this.#figures(),
    });
    // A listener of `refresh-failed` may have signed in or out: then the former owner's state must not come back.
    if (record.ownerChanges !== ownerChanges) return;
    if (keepsSession || record.state.tokens === null) {
      record.refreshEnded();
      return;
    }
    // If a listener has called `update()`, the store holds its tokens, although it was emptied: they would come back at the next start.
    if (record.state.generation !== generation) store.signOut(owner).subscribe({ error: () => undefined });
    this.#end(error);
  }

  /** Signs out after a refusal, here or at another session of the store. Requests of the owner fail with the error of the refusal. */
  #end(error: SessionExpiredError): void {
    this.#refused = { ownerChanges: this.#context.record.ownerChanges, error };
    this.#context.record.signedOut('expired');
  }

  /** Reports that the refresh ended because its owner left, and returns the error for the requests that waited for it. */
  #ownerChanged(ownerChanges: number): SessionExpiredError | SessionChangedError {
    this.#context.record.emit({ type: 'refresh-failed', reason: 'session-changed', ...this.#figures() });
    return this.ownerChangeError(ownerChanges);
  }

  /** Uses tokens that `refresh` returned too late, because the server may accept no others any more. Revokes those of a former owner. */
  #useLateTokens(late: LateTokens<T>, owner: string | null, ownerChanges: number, call: RefreshCall<T>): void {
    const { record, store, callbacks } = this.#context;
    const { tokens, presented } = late;
    // `update()` may have brought another access token meanwhile. If the current refresh token is still the one that this call presented,
    // it is spent, so replace both tokens.
    const isExchanged = presented !== undefined && presented === record.state.tokens?.refreshToken;
    if (record.ownerChanges !== ownerChanges) callbacks.revoke(tokens);
    else if (record.state.generation === call.generation || isExchanged) {
      const lateOwner = owner ?? newOwner();
      // Notify listeners afterwards: one of `store-failed` may sign out, which these tokens must not undo.
      record.batch(() => {
        store.update(lateOwner, tokens).subscribe({ error: () => undefined });
        // A synchronous store may have called code that signs in or out.
        if (record.ownerChanges === ownerChanges) this.#useRefreshed(lateOwner, tokens, false);
        else callbacks.revoke(tokens);
      });
    }
  }

  #useRefreshed(owner: string, tokens: T, endsRefresh: boolean): void {
    this.#context.freshness.noteRefreshed();
    this.#context.freshness.noteExpiry(tokens);
    this.#replaceTokens(owner, tokens, this.#figures(), endsRefresh);
  }

  #replaceTokens(owner: string, tokens: T, by: RefreshFigures | undefined, endsRefresh: boolean): void {
    this.#context.record.tokensReplaced(owner, tokens, by, endsRefresh);
    if (!endsRefresh) this.#released$?.next({ tokens, refreshCalled: false });
  }

  #figures(): RefreshFigures {
    const waiting = this.#waiting;
    this.#waiting = 0;
    return { durationMs: Math.max(0, asyncScheduler.now() - this.#startedAt), waiting };
  }
}

/** The wait of a request that may be resent at once. It cannot be `null`, which after a 401 means that the 401 is final. */
const NOTHING$: Observable<Recovery> = /* @__PURE__ */ of(NO_REFRESH);
