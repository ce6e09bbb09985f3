import {
  concatMap,
  defer,
  EMPTY,
  finalize,
  lastValueFrom,
  map,
  type Observable,
  of,
  type Subscription,
  throwError,
} from 'rxjs';
import { assertOption } from './assert-option.ts';
import type { RequestHeaders, RequestTarget } from './authorize-request.ts';
import { Authorizer } from './authorizer.ts';
import { SessionChangedError, StoreFailedError } from './session-errors.ts';
import type { SessionNotice } from './events.ts';
import { Freshness } from './freshness.ts';
import { InvalidInputError } from './invalid-input-error.ts';
import { assertKnownOptions } from './known-options.ts';
import type { RequestHistory } from './next-step.ts';
import { openStore } from './open-store.ts';
import { newOwner } from './owner.ts';
import { Refresher } from './refresher.ts';
import { Restoration } from './restoration.ts';
import { SafeCallbacks } from './safe-callbacks.ts';
import { NO_REFRESH, type Recovery, type SessionInternals } from './session-internals.ts';
import { type ResolvedOptions, resolveOptions, type SessionOptions } from './session-options.ts';
import { SessionRecord } from './session-record.ts';
import type { SessionState } from './session-state.ts';
import type { SluiceError } from './sluice-error.ts';
import type { Stored, StorePort } from './store-port.ts';
import { requireTokens, type TokenSet, withRefreshTokenOf } from './token-set.ts';
import { nothingToRefreshWith, validTokens } from './valid-tokens.ts';

/** The session behind the public object: connects its record, its store and its refresher. */
export class SessionCore<T extends TokenSet> implements SessionInternals {
  readonly record: SessionRecord<T> = new SessionRecord<T>();
  readonly #options: ResolvedOptions<T>;
  readonly #freshness: Freshness;
  readonly #callbacks: SafeCallbacks<T>;
  readonly #authorizer: Authorizer<T>;
  readonly #store: StorePort<T>;
  readonly #restoration: Restoration<T>;
  /** The subscription to `news$` of the store. It uses no RxJS operator, because each would add some hundred bytes to every session. */
  readonly #news: Subscription | undefined;
  #refresher: Refresher<T> | undefined;
  inProgress = 0;

  constructor(input: SessionOptions<T>) {
    const options = resolveOptions(input);
    const { storeTimeoutMs, refreshTimeoutMs, minRefreshIntervalMs } = options;
    const emit = (notice: SessionNotice): void => {
      this.emit(notice);
    };
    this.#options = options;
    this.#callbacks = new SafeCallbacks(options, emit);
    this.#authorizer = new Authorizer(options);
    this.#freshness = new Freshness(this.record, options, this.#callbacks);
    this.#store = openStore(options, { storeTimeoutMs, refreshTimeoutMs, minRefreshIntervalMs, emit }, this.#callbacks);
    this.#restoration = new Restoration(this.record, this.#freshness, this.#store);
    // eslint-disable-next-line rxjs-x/no-ignored-error -- news$ never fails
    this.#news = this.#store.news$?.subscribe((stored) => {
      this.#hear(stored);
    });
    this.#restoration.begin();
    this.record.open();
  }

  get state(): SessionState<T> {
    return this.record.state;
  }
  get ownerChanges(): number {
    return this.record.ownerChanges;
  }
  get ownerChanged$(): Observable<void> {
    return this.record.ownerChanged$;
  }
  get isIdle(): boolean {
    return this.inProgress === 0 && this.state.status !== 'refreshing' && !this.record.isWatched;
  }

  signIn(given: T): Promise<void> {
    this.#assertNotDisposed();
    const tokens = requireTokens('signIn()', given);
    const owner = newOwner();
    const { ownerChanges } = this.record;
    let written$: Observable<never> = EMPTY;
    // Listeners are notified after the change of state: a listener of `store-failed` may call signOut(), which must come second.
    this.record.batch(() => {
      written$ = this.#store.signIn(owner, tokens);
      // During `#store.signIn()`, a synchronous store may have called code that signs in or out, which this sign-in must not undo.
      if (this.record.ownerChanges !== ownerChanges) return;
      this.#freshness.noteExpiry(tokens);
      this.record.signedIn(owner, tokens);
    });
    this.#dropUnsaved(owner);
    return this.#stored(written$);
  }

  update(given: T): Promise<void> {
    this.#assertNotDisposed();
    const tokens = withRefreshTokenOf(requireTokens('update()', given), this.state.tokens);
    const { owner, generation } = this.state;
    if (owner === null)
      return ignorable(
        Promise.reject(new SessionChangedError('update() needs somebody who is signed in; use signIn().')),
      );
    const written$ = this.#store.update(owner, tokens);
    // During `#store.update()`, a synchronous store may have emitted a sign-out or newer tokens, which `tokens` must not undo.
    // Compare owner and generation, not the state: the end of a refresh makes a new state with the same tokens.
    if (this.state.owner === owner && this.state.generation === generation) this.#lazyRefresher.update(owner, tokens);
    return this.#stored(written$);
  }

  signOut(): Promise<void> {
    this.#assertNotDisposed();
    const { status, tokens, owner, reason } = this.state;
    const { ownerChanges } = this.record;
    const written$ = this.#store.signOut(owner);
    // Note a sign-out, unless that is done (`isSaid`), also if there were no tokens: a 401 must not restore a cookie session afterwards.
    // During `#store.signOut()`, a synchronous store may have emitted another person's sign-in, which this sign-out must not end.
    const isSaid = status === 'signed-out' && reason !== undefined;
    if (this.record.ownerChanges === ownerChanges && !isSaid) this.record.signedOut('sign-out');
    this.#dropUnsaved(null);
    if (tokens) this.#callbacks.revoke(tokens);
    return this.#stored(written$);
  }

  dispose(): void {
    if (this.record.isDisposed) return;
    this.#news?.unsubscribe();
    this.record.disposed();
    this.#store.close();
  }

  refresh(): Observable<T> {
    return this.#whenKnown(() => {
      if (!this.#freshness.canRefresh()) return throwError(nothingToRefreshWith);
      return this.#lazyRefresher.start('requested').pipe(map(({ tokens }) => tokens));
    });
  }

  validTokens(options: { readonly forMs?: number }): Observable<T | null> {
    assertKnownOptions('validTokens()', options, ['forMs']);
    const { forMs = 0 } = options;
    assertOption('validTokens()', 'forMs', forMs, typeof forMs === 'number' && forMs >= 0, 'milliseconds, 0 or more');
    return defer(() => this.#whenKnown(() => validTokens(this.record, this.#freshness, this.#lazyRefresher, forMs)));
  }

  waitFor(request: RequestHistory): Observable<Recovery> | null {
    if (!this.#isKnown && !request.hasOtherOwner) return this.#restoration.read();
    const behind$ = this.#store.catchUp?.();
    return behind$ ? behind$.pipe(map(() => NO_REFRESH)) : this.#lazyRefresher.waitFor(request);
  }
  ownerChangeError(ownerChanges: number): SluiceError {
    return this.#lazyRefresher.ownerChangeError(ownerChanges);
  }
  isOwnRequest(signal?: unknown): boolean {
    return this.#refresher?.isOwnRequest(signal) ?? false;
  }
  get credentialNames(): readonly string[] | undefined {
    return this.#authorizer.names;
  }
  authorization(target: RequestTarget): RequestHeaders | Promise<RequestHeaders> {
    return this.#authorizer.headers(this.state.tokens, target);
  }
  noteNonce(target: RequestTarget, answer: unknown): void {
    this.#authorizer.noteNonce(target, answer);
  }
  emit(notice: SessionNotice): void {
    this.record.emit(notice);
  }

  /**
   * Runs `work` when the store has been read. Fails instead if the owner has changed since the call: a refresh that was requested for
   * one owner must not run for the next.
   */
  #whenKnown<R>(work: () => Observable<R>): Observable<R> {
    const { ownerChanges } = this.record;
    const known$ = this.#isKnown ? (this.#store.catchUp?.() ?? of(NO_REFRESH)) : this.#restoration.read();
    // Counts as a request meanwhile, so that a `SessionPool` does not dispose of the session.
    this.inProgress += 1;
    return known$.pipe(
      concatMap(() =>
        this.record.isDisposed || this.record.ownerChanges !== ownerChanges
          ? throwError(() => this.ownerChangeError(ownerChanges))
          : work(),
      ),
      finalize(() => {
        this.inProgress -= 1;
      }),
    );
  }
  get #isKnown(): boolean {
    const { status } = this.state;
    return status !== 'restoring' && status !== 'unavailable';
  }
  /**
   * Revokes tokens that a refresh got for the former owner and that the store does not have yet. Must be called after the change of owner,
   * which ends the former owner's refresh: this call makes failed store accesses try again at once, and one that succeeds could otherwise
   * let that refresh begin.
   */
  #dropUnsaved(owner: string | null): void {
    // If a listener has signed somebody in or out meanwhile, that call has passed the unsaved tokens to `revoke` already. What is unsaved
    // now belongs to the new owner, and must not be revoked.
    if (this.state.owner === owner) this.#lazyRefresher.dropUnsaved();
  }
  /** Returns a promise of the write, which counts as a request: a `SessionPool` that opened the session anew would read the old entry. */
  #stored(written$: Observable<never>): Promise<void> {
    this.inProgress += 1;
    const ended$ = written$.pipe(
      finalize(() => {
        this.inProgress -= 1;
      }),
    );
    return ignorable(
      lastValueFrom(ended$, { defaultValue: undefined }).catch((cause: unknown) => {
        throw new StoreFailedError(cause);
      }),
    );
  }
  #hear(news: Stored<T>): void {
    if (this.#isKnown) this.#lazyRefresher.adopt(news);
    else this.#restoration.apply(news);
  }
  /** Created at its first use, because an idle session should cost its tokens only. */
  get #lazyRefresher(): Refresher<T> {
    return (this.#refresher ??= new Refresher({
      options: this.#options,
      record: this.record,
      freshness: this.#freshness,
      store: this.#store,
      callbacks: this.#callbacks,
    }));
  }
  #assertNotDisposed(): void {
    if (this.record.isDisposed) throw new InvalidInputError('The session has been disposed of; make a new one.');
  }
}

/** Lets an app ignore a promise: its rejection does not count as unhandled, which would end a Node process. */
function ignorable(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined);
  return promise;
}
