import { concatMap, defer, lastValueFrom, map, type Observable, of, takeUntil, throwError } from 'rxjs';
import type { RequestHeaders, RequestTarget } from './authorize-request.ts';
import { Authorizer } from './authorizer.ts';
import { InvalidInputError, SessionChangedError, type SluiceError, StoreFailedError } from './errors.ts';
import type { SessionNotice } from './events.ts';
import { Freshness } from './freshness.ts';
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
import type { Stored, StorePort } from './store-port.ts';
import { kindOf, requireTokens, type TokenSet, withRefreshTokenOf } from './token-set.ts';
import { nothingToRefreshWith, validTokens } from './valid-tokens.ts';

/** A session behind its public face: joins its record, its store and its refresher. */
export class SessionCore<T extends TokenSet> implements SessionInternals {
  readonly record: SessionRecord<T> = new SessionRecord<T>();
  readonly #options: ResolvedOptions<T>;
  readonly #freshness: Freshness;
  readonly #callbacks: SafeCallbacks<T>;
  readonly #authorizer: Authorizer<T>;
  readonly #store: StorePort<T>;
  readonly #restoration: Restoration<T>;
  #refresher: Refresher<T> | undefined;
  /** Requests that have begun and not ended. */
  requests = 0;

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
    this.#store.news$?.pipe(takeUntil(this.record.disposed$)).subscribe((stored) => {
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
  /** Whether nothing needs the session: no request, no refresh, nobody who watches its state. */
  get isIdle(): boolean {
    return this.requests === 0 && this.state.status !== 'refreshing' && !this.record.isWatched;
  }

  signIn(given: T): Promise<void> {
    this.#assertNotDisposed();
    const tokens = requireTokens('signIn()', given);
    const owner = newOwner();
    // Queued before the state changes: a listener may call signOut(), and its write must come second.
    const written$ = this.#store.signIn(owner, tokens);
    this.#freshness.noteExpiry(tokens);
    this.record.signedIn(owner, tokens);
    this.#dropUnsaved(owner);
    return stored(written$);
  }

  update(given: T): Promise<void> {
    this.#assertNotDisposed();
    const tokens = withRefreshTokenOf(requireTokens('update()', given), this.state.tokens);
    const { owner, generation } = this.state;
    if (owner === null)
      return Promise.reject(new SessionChangedError('Nobody is signed in whose tokens these could be.'));
    const written$ = this.#store.update(owner, tokens);
    // A store that answers at once may have told meanwhile of a sign-out or of newer tokens, which these must not undo. It may also have
    // ended a refresh, which leaves the tokens as they are.
    if (this.state.owner === owner && this.state.generation === generation) this.#lazyRefresher.update(owner, tokens);
    return stored(written$);
  }

  signOut(): Promise<void> {
    this.#assertNotDisposed();
    const { status, tokens, owner, reason } = this.state;
    const { ownerChanges } = this.record;
    const written$ = this.#store.signOut(owner);
    // Said again, so that a session which has expired is not restored after an explicit sign-out, either. Not where the store has
    // told at once of another sign-in, which this one does not end.
    const isSaid = status === 'signed-out' && reason !== undefined;
    if (this.record.ownerChanges === ownerChanges && !isSaid) this.record.signedOut('sign-out');
    this.#dropUnsaved(null);
    if (tokens) this.#callbacks.revoke(tokens);
    return stored(written$);
  }

  dispose(): void {
    if (this.record.isDisposed) return;
    this.record.disposed();
    this.#store.close();
  }

  refresh(): Observable<T> {
    return this.#whenKnown(() => {
      if (!this.#freshness.canRefresh()) return throwError(nothingToRefreshWith);
      return this.#lazyRefresher.start('requested').pipe(map(({ tokens }) => tokens));
    });
  }

  validTokens(forMs: unknown): Observable<T | null> {
    if (typeof forMs !== 'number' || !(forMs >= 0))
      throw new InvalidInputError(`validTokens(): forMs takes milliseconds, 0 or more; given: ${kindOf(forMs)}.`);
    return defer(() => this.#whenKnown(() => validTokens(this.record, this.#freshness, this.#lazyRefresher, forMs)));
  }

  waitFor(request: RequestHistory): Observable<Recovery> | null {
    return this.#isKnown || request.hasOtherOwner ? this.#lazyRefresher.waitFor(request) : this.#restoration.read();
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
   * Does this when it is known who is signed in. Bound to the owner at subscription: what is asked for by one owner never runs for
   * the next.
   */
  #whenKnown<R>(work: () => Observable<R>): Observable<R> {
    const { ownerChanges } = this.record;
    const known$ = this.#isKnown ? of(NO_REFRESH) : this.#restoration.read();
    return known$.pipe(
      concatMap(() =>
        this.record.isDisposed || this.record.ownerChanges !== ownerChanges
          ? throwError(() => this.ownerChangeError(ownerChanges))
          : work(),
      ),
    );
  }
  get #isKnown(): boolean {
    const { status } = this.state;
    return status !== 'restoring' && status !== 'unavailable';
  }
  /** After the change of owner: it lets a write of the former owner's refresh try now, which must not begin that refresh. */
  #dropUnsaved(owner: string | null): void {
    // A listener that has changed the owner again has done so already.
    if (this.state.owner === owner) this.#lazyRefresher.dropUnsaved();
  }
  #hear(news: Stored<T>): void {
    if (this.#isKnown) this.#lazyRefresher.adopt(news);
    else this.#restoration.apply(news);
  }
  /** Made when it is first needed: an idle session costs its tokens only. */
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

/** Settles when the store has it. A rejection that nobody waits for is no error of the process. */
function stored(written$: Observable<never>): Promise<void> {
  const promise = lastValueFrom(written$, { defaultValue: undefined }).catch((cause: unknown) => {
    throw new StoreFailedError(cause);
  });
  promise.catch(() => undefined);
  return promise;
}
