import { asyncScheduler, BehaviorSubject, distinctUntilChanged, filter, Observable, Subject } from 'rxjs';
import type { RefreshFigures, RefreshReason, SessionEvent, SessionNotice, SignOutReason } from './events.ts';
import type { SessionState } from './session-state.ts';
import type { TokenSet } from './token-set.ts';

/**
 * The only writer of a session's state. Each verb sets the new state, then ends what runs for a former owner, then tells listeners:
 * requests that wait read the new state when they fail, and a listener may start work for the new owner.
 *
 * Subjects are made when something subscribes: an idle session costs its tokens only.
 */
export class SessionRecord<T extends TokenSet> {
  #state: SessionState<T> = { status: 'restoring', tokens: null, generation: 0, owner: null };
  #ownerChanges = 0;
  /** Why the last owner has left. */
  #ended: SignOutReason | undefined;
  #states$: BehaviorSubject<SessionState<T>> | undefined;
  #events$: Subject<SessionEvent> | undefined;
  #ownerChanged$: Subject<void> | undefined;
  /** Events from before anybody could listen; `undefined` once the session is open. */
  #early: SessionEvent[] | undefined;
  #isOpen = false;
  #queue: (() => void)[] | undefined;

  get state(): SessionState<T> {
    return this.#state;
  }
  /**
   * How often this session has changed its owner. A request compares it, and not `owner`: to restore a session, from a store or by
   * a cookie, gives it an owner and changes none.
   */
  get ownerChanges(): number {
    return this.#ownerChanges;
  }
  get isDisposed(): boolean {
    return this.#state.status === 'disposed';
  }
  /** Whether anything subscribes to `state$`. */
  get isWatched(): boolean {
    return this.#states$?.observed ?? false;
  }
  get state$(): Observable<SessionState<T>> {
    this.#states$ ??= new BehaviorSubject(this.#state);
    if (this.isDisposed) this.#states$.complete();
    return this.#states$.pipe(distinctUntilChanged());
  }
  /** Early events go to the first listeners, one by one: what a listener leaves, the next one gets. */
  get events$(): Observable<SessionEvent> {
    return new Observable((subscriber) => {
      if (!this.isDisposed) subscriber.add((this.#events$ ??= new Subject()).subscribe(subscriber));
      this.#notify(() => {
        for (let event; !subscriber.closed && (event = this.#early?.shift());) subscriber.next(event);
        if (this.isDisposed) subscriber.complete();
      });
    });
  }
  /** Emits after the state of the new owner is set and before listeners are told. */
  get ownerChanged$(): Observable<void> {
    return (this.#ownerChanged$ ??= new Subject());
  }
  get disposed$(): Observable<void> {
    return this.ownerChanged$.pipe(filter(() => this.isDisposed));
  }

  /** The store has been read for the first time. That is no change of owner. */
  restored(owner: string | null, tokens: T | null): void {
    const generation = this.#state.generation + 1;
    if (tokens) this.#set({ status: 'signed-in', tokens, generation, owner }, { type: 'restored', generation });
    else this.#set({ ...this.#state, status: 'signed-out' });
  }
  storeUnreadable(): void {
    this.#set({ ...this.#state, status: 'unavailable' });
  }
  /** A new sign-in, here or at another holder of the store. */
  signedIn(owner: string, tokens: T): void {
    const generation = this.#state.generation + 1;
    this.#changeOwner({ status: 'signed-in', tokens, generation, owner }, { type: 'signed-in', generation });
  }
  signedOut(reason: SignOutReason): void {
    const { tokens, generation } = this.#state;
    this.#ended = reason;
    this.#changeOwner(
      { status: 'signed-out', tokens: null, generation, owner: null, reason },
      tokens === null ? undefined : { type: 'signed-out', reason },
    );
  }
  refreshStarted(reason: RefreshReason): void {
    const { generation } = this.#state;
    this.#set({ ...this.#state, status: 'refreshing', reason }, { type: 'refresh-started', reason, generation });
  }
  /**
   * Newer tokens of the same owner.
   *
   * @param by - what a refresh that brought them took; nothing if they came from elsewhere
   * @param endsRefresh - the refresh that runs has ended with them
   */
  tokensReplaced(owner: string, tokens: T, by: RefreshFigures | undefined, endsRefresh: boolean): void {
    const generation = this.#state.generation + 1;
    this.#set(
      this.#state.status === 'refreshing' && !endsRefresh
        ? { ...this.#state, tokens, generation, owner }
        : { status: 'signed-in', tokens, generation, owner },
      by ? { type: 'refresh-succeeded', generation, ...by } : { type: 'tokens-adopted', generation },
    );
  }
  /** A refresh has ended without new tokens of its own. */
  refreshEnded(): void {
    const { tokens, generation, owner } = this.#state;
    const reason = this.#ended;
    if (tokens) this.#set({ status: 'signed-in', tokens, generation, owner });
    // After a refresh$ that failed, a 401 must not start a session that has ended.
    else this.#set({ status: 'signed-out', tokens, generation, owner, ...(reason && { reason }) });
  }
  /** `state$` completes without telling of a sign-out: none took place. */
  disposed(): void {
    const { generation } = this.#state;
    this.#state = { status: 'disposed', tokens: null, generation, owner: null };
    this.#ownerChanges += 1;
    this.#ownerChanged$?.next();
    this.#notify(() => {
      this.#states$?.complete();
      // Its last value has tokens.
      this.#states$ = undefined;
      this.#events$?.complete();
    });
  }

  emit(notice: SessionNotice): void {
    const event: SessionEvent = { ...notice, at: asyncScheduler.now() };
    if (!this.#isOpen) (this.#early ??= []).push(event);
    else if (this.#events$)
      this.#notify(() => {
        this.#events$?.next(event);
      });
  }
  /** From now on events are for those that listen. */
  open(): void {
    this.#isOpen = true;
  }

  #changeOwner(state: SessionState<T>, notice?: SessionNotice): void {
    this.#ownerChanges += 1;
    this.#state = state;
    this.#ownerChanged$?.next();
    this.#tell(state, notice);
  }
  #set(state: SessionState<T>, notice?: SessionNotice): void {
    this.#state = state;
    this.#tell(state, notice);
  }
  #tell(state: SessionState<T>, notice: SessionNotice | undefined): void {
    if (this.#states$)
      this.#notify(() => {
        this.#states$?.next(state);
      });
    if (notice) this.emit(notice);
  }
  /** Through a queue: what a listener causes is told after all listeners have heard of what caused it. */
  #notify(work: () => void): void {
    if (this.#queue) {
      this.#queue.push(work);
      return;
    }
    const queue = (this.#queue = [work]);
    try {
      for (let next; (next = queue.shift());) next();
    } finally {
      this.#queue = undefined;
    }
  }
}
