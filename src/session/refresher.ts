import { concatMap, defer, EMPTY, type Observable, of, takeUntil, throwError, throwIfEmpty } from 'rxjs';
import { RefreshCall } from './call-refresh.ts';
import { RefreshFailedError, SessionChangedError, type SluiceError } from './errors.ts';
import type { RefreshReason } from './events.ts';
import { Freshness, type RecentRefresh, type TokenFreshness } from './freshness.ts';
import { nextStep, type RequestHistory, type TokenSituation } from './next-step.ts';
import { refreshFlight, type RefreshOutcome } from './refresh-flight.ts';
import type { SafeCallbacks } from './safe-callbacks.ts';
import type { Recovery, SessionInternals } from './session-internals.ts';
import type { ResolvedOptions } from './session-options.ts';
import type { SessionRecord } from './session-record.ts';
import type { SessionState, SessionStatus } from './session-state.ts';
import { singleFlight } from './single-flight.ts';
import type { StoreAccess } from './store-access.ts';
import type { TokenSet } from './token-set.ts';

/** What a refresh came to for those that waited for it. */
export interface Refreshed<T extends TokenSet> extends Recovery {
  /** The current tokens. */
  readonly tokens: T;
}

export interface RefresherContext<T extends TokenSet> {
  readonly options: ResolvedOptions<T>;
  readonly record: SessionRecord<T>;
  readonly store: StoreAccess<T>;
  readonly callbacks: SafeCallbacks<T>;
}

/** Decides when a session refreshes, runs one refresh at a time, and applies what it came to. */
export class Refresher<T extends TokenSet>
  implements TokenSituation, Pick<SessionInternals, 'waitBeforeSend' | 'waitAfterUnauthorized' | 'ownerChangeError'>
{
  readonly #context: RefresherContext<T>;
  readonly #record: SessionRecord<T>;
  readonly #freshness: Freshness;
  #reason: RefreshReason = 'requested';
  readonly #join: () => Observable<Refreshed<T>> = singleFlight(defer(() => this.#refresh(this.#reason)));
  /** The `refresh` that runs, or ran last. */
  #call: RefreshCall<T> | null = null;
  /** The last owner whose refresh was refused, and the refusal. */
  #refused: { readonly epoch: number; readonly error: SluiceError } | null = null;

  constructor(context: RefresherContext<T>) {
    this.#context = context;
    this.#record = context.record;
    this.#freshness = new Freshness(context.options);
  }

  get status(): SessionStatus {
    return this.#record.state.status;
  }
  get hasTokens(): boolean {
    return this.#record.state.tokens !== null;
  }
  get freshness(): TokenFreshness {
    return this.#freshness.of();
  }
  get isRejected(): boolean {
    return this.#freshness.isRejected(this.#record.state);
  }
  get recentRefresh(): RecentRefresh {
    return this.#freshness.recentRefresh(this.#record.state);
  }
  canRefresh(): boolean {
    return this.#context.callbacks.canRefresh(this.#record.state.tokens);
  }

  /** Starts a refresh, or joins the one in flight. */
  start(reason: RefreshReason): Observable<Refreshed<T>> {
    return defer(() => {
      this.#reason = reason;
      return this.#join();
    });
  }

  noteExpiry(tokens: T, isFromStore: boolean): void {
    this.#freshness.noteExpiry(tokens, isFromStore);
  }

  /** Makes tokens current that another holder of the store got. */
  adopt(tokens: T): void {
    this.#replaceTokens(tokens, 'tokens-adopted', false);
  }

  isOwnRequest(signal?: unknown): boolean {
    return this.#call?.isOwnRequest(signal) ?? false;
  }

  ownerChangeError(epoch: number): SluiceError {
    return this.#refused?.epoch === epoch ? this.#refused.error : new SessionChangedError();
  }

  waitBeforeSend(request: RequestHistory): Observable<unknown> | null {
    const step = nextStep(this, request);
    if (step === 'go-and-refresh') {
      // Ahead of expiry: no request waits for it, and none fails with it.
      this.start('expiring').subscribe({ error: () => undefined });
      return null;
    }
    if (step === 'go' || step === 'final') return null;
    return this.#waitFor(step, 'expiring');
  }

  waitAfterUnauthorized(request: RequestHistory): Observable<Recovery> | null {
    const { state } = this.#record;
    if (request.carried !== 'older') this.#freshness.noteRejected(state);
    const step = nextStep(this, request);
    if (step === 'final') return null;
    return step === 'go' || step === 'go-and-refresh' ? NOTHING$ : this.#waitFor(step, 'unauthorized');
  }

  #waitFor(step: 'wait' | 'refresh' | 'fail', reason: RefreshReason): Observable<Refreshed<T>> {
    if (step === 'fail') {
      const error = this.#freshness.recentError(this.#record.state);
      return throwError(() => error);
    }
    return step === 'wait' ? this.#join() : this.start(reason);
  }

  /** Runs one refresh and applies its outcome. */
  #refresh(reason: RefreshReason): Observable<Refreshed<T>> {
    const record = this.#record;
    const { epoch } = record.state;
    const call = new RefreshCall(this.#context.options, reason);
    this.#call = call;
    // eslint-disable-next-line rxjs-x/no-ignored-error -- a late failure changes nothing
    call.late$.subscribe((tokens) => {
      this.#useLateTokens(tokens, epoch, call.generation);
    });
    record.refreshStarted(reason);
    const flight$ = refreshFlight({ ...this.#context, freshness: this.#freshness }, call);
    // A listener of `refresh-started` may have signed in or out.
    const outcome$ = (record.state.epoch === epoch ? flight$ : EMPTY).pipe(takeUntil(record.ownerChanged$));
    return outcome$.pipe(
      throwIfEmpty(() => this.#ownerChanged()),
      concatMap((outcome) => this.#apply(outcome, call)),
    );
  }

  #apply(outcome: RefreshOutcome<T>, call: RefreshCall<T>): Observable<Refreshed<T>> {
    const record = this.#record;
    const refreshCalled = call.generation >= 0;
    switch (outcome.kind) {
      case 'refreshed':
      case 'adopted': {
        const { tokens, kind } = outcome;
        const { epoch } = record.state;
        this.#replaceTokens(tokens, kind === 'refreshed' ? 'refresh-succeeded' : 'tokens-adopted', true);
        // A listener of that may have signed in or out.
        return record.state.epoch === epoch ? of({ tokens, refreshCalled }) : throwError(() => this.#ownerChanged());
      }
      case 'superseded':
        return this.#settleSuperseded(refreshCalled);
      case 'signed-out-elsewhere':
        record.signedOut('elsewhere');
        return throwError(() => this.#ownerChanged());
      case 'failed':
        this.#applyFailure(outcome.error, record.state);
        return throwError(() => outcome.error);
    }
  }

  /** The error of a refresh whose owner has left. */
  #ownerChanged(): SluiceError {
    this.#record.emit({ type: 'refresh-failed', reason: 'session-changed' });
    return new SessionChangedError();
  }

  /** Newer tokens are current already. If a server has rejected them, too, they are refreshed before waiting requests go. */
  #settleSuperseded(refreshCalled: boolean): Observable<Refreshed<T>> {
    const record = this.#record;
    const { epoch } = record.state;
    if (this.isRejected && this.canRefresh()) return this.#refresh('unauthorized');
    // `canRefresh` that throws is reported, and a listener of that may sign in or out. So may one of the new state.
    if (record.state.epoch === epoch) record.refreshEnded();
    const { tokens, epoch: now } = record.state;
    return now === epoch && tokens ? of({ tokens, refreshCalled }) : throwError(() => new SessionChangedError());
  }

  #applyFailure(error: RefreshFailedError | SluiceError, failed: SessionState<T>): void {
    const record = this.#record;
    const isForNow = error instanceof RefreshFailedError;
    this.#freshness.noteRefresh(failed, error);
    record.emit({ type: 'refresh-failed', reason: isForNow ? error.reason : 'rejected' });
    // A listener of that may have signed out or in: nothing of the former owner comes back.
    if (record.state.epoch !== failed.epoch) return;
    if (isForNow || failed.tokens === null) {
      record.refreshEnded();
      return;
    }
    this.#refused = { epoch: failed.epoch, error };
    // Queued before the state changes: a listener may sign in, and its write must come second.
    void this.#context.store.write(null);
    record.signedOut('expired');
  }

  /** After a timeout the server may have rotated the refresh token, so that these are the only good tokens. */
  #useLateTokens(tokens: T, epoch: number, generation: number): void {
    const { state } = this.#record;
    if (state.epoch !== epoch) this.#context.callbacks.revoke(tokens);
    else if (state.generation === generation) {
      void this.#context.store.write(tokens);
      this.#replaceTokens(tokens, 'refresh-succeeded', false);
    }
  }

  #replaceTokens(tokens: T, type: 'refresh-succeeded' | 'tokens-adopted', endsRefresh: boolean): void {
    const { epoch, generation } = this.#record.state;
    this.#freshness.noteExpiry(tokens);
    if (type === 'refresh-succeeded') this.#freshness.noteRefresh({ epoch, generation: generation + 1 });
    this.#record.tokensReplaced(tokens, type, endsRefresh);
  }
}

/** The wait of a request that may go at once. */
const NOTHING$: Observable<Recovery> = of({ refreshCalled: false });
