import {
  asyncScheduler,
  BehaviorSubject,
  defer,
  distinctUntilChanged,
  EMPTY,
  Observable,
  skipWhile,
  startWith,
  Subject,
} from 'rxjs';
import type { RefreshFigures, RefreshReason, SessionEvent, SessionNotice, SignOutReason } from './events.ts';
import type { SessionState } from './session-state.ts';
import type { TokenSet } from './token-set.ts';

/**
 * The only writer of a session's state. Each method that changes the owner sets the new state, then ends what runs for the former
 * owner, then notifies listeners: waiting requests read the new state when they fail, and a listener may start work for the new
 * owner.
 *
 * Subjects are created at the first subscription, because an idle session should cost its tokens only.
 */
export class SessionRecord<T extends TokenSet> {
  #state: SessionState<T> = { status: 'restoring', tokens: null, generation: 0, owner: null };
  #ownerChanges = 0;
  /** Why the last owner was signed out; `undefined` if nobody has been signed out yet. */
  #ended: SignOutReason | undefined;
  #states$: BehaviorSubject<SessionState<T>> | undefined;
  #events$: Subject<SessionEvent> | undefined;
  #ownerChanged$: Subject<void> | undefined;
  /**
   * The events that occurred while `createSession` was running, before the app could subscribe. They are kept until the first subscriber
   * of `events$` has received them.
   */
  #early: SessionEvent[] | undefined;
  #isOpen = false;
  /** The notifications that are still to be delivered; `undefined` if none is being delivered. */
  #queue: (() => void)[] | undefined;
  /** Announces the last change of owner. Set while the former owner's work ends, which comes first. */
  #announce: (() => void) | undefined;

  get state(): SessionState<T> {
    return this.#state;
  }
  /**
   * How often the owner has changed. Requests compare this number instead of `owner`, because a session that is restored from its
   * store or by a cookie gets an owner, and requests that were made before belong to it.
   */
  get ownerChanges(): number {
    return this.#ownerChanges;
  }
  get isDisposed(): boolean {
    return this.#state.status === 'disposed';
  }
  /** Whether `state$` has a subscriber. */
  get isWatched(): boolean {
    return this.#states$?.observed ?? false;
  }
  get state$(): Observable<SessionState<T>> {
    return defer(() => {
      const now = this.#state;
      if (this.isDisposed) return EMPTY;
      const states$ = (this.#states$ ??= new BehaviorSubject(now));
      // While listeners are being notified, the BehaviorSubject holds an older state until `now` has been delivered. A new subscriber must
      // not get that one: it may hold the tokens of an owner who has left.
      const isBehind = states$.value !== now;
      return states$.pipe(
        skipWhile((state) => isBehind && state !== now),
        startWith(now),
        distinctUntilChanged(),
      );
    });
  }
  /**
   * Emits events. The first subscriber also receives those that occurred while `createSession` was running. If it unsubscribes before it
   * has received all of these, the next subscriber receives the rest.
   */
  get events$(): Observable<SessionEvent> {
    return new Observable((subscriber) => {
      if (!this.isDisposed) subscriber.add((this.#events$ ??= new Subject()).subscribe(subscriber));
      this.#notify(() => {
        for (let event; !subscriber.closed && (event = this.#early?.shift());) subscriber.next(event);
        if (this.isDisposed) subscriber.complete();
      });
    });
  }
  /** Emits when the owner changes: after the new state is set, and before listeners of `state$` and `events$` are notified. */
  get ownerChanged$(): Observable<void> {
    return (this.#ownerChanged$ ??= new Subject());
  }

  /** Sets the tokens that the store held at the first read. This is no change of owner: requests that waited for the read go on. */
  restored(owner: string | null, tokens: T | null): void {
    const generation = this.#state.generation + 1;
    if (tokens) this.#set({ status: 'signed-in', tokens, generation, owner }, { type: 'restored', generation });
    else this.#set({ ...this.#state, status: 'signed-out' });
  }
  storeUnreadable(): void {
    this.#set({ ...this.#state, status: 'unavailable' });
  }
  /** Sets the tokens of a new sign-in, here or at another holder of the store (a session that shares it). */
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
   * Sets newer tokens of the same owner.
   *
   * @param by - the figures of the refresh that brought them; `undefined` if they came from elsewhere
   * @param endsRefresh - whether the refresh in flight ends with them
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
  /** Ends a refresh without new tokens. */
  refreshEnded(): void {
    const { tokens, generation, owner } = this.#state;
    const reason = this.#ended;
    if (tokens) this.#set({ status: 'signed-in', tokens, generation, owner });
    // Keep the reason of the sign-out. Without it the session would look as if nobody had signed in yet, and a 401 would start a refresh,
    // which may sign the person in by a cookie.
    else this.#set({ status: 'signed-out', tokens, generation, owner, ...(reason && { reason }) });
  }
  /** Ends the session. `state$` completes without emitting `signed-out`, because nobody has signed out. */
  disposed(): void {
    const { generation } = this.#state;
    this.#endOwner({ status: 'disposed', tokens: null, generation, owner: null }, () => {
      this.#notify(() => {
        this.#states$?.complete();
        // Drop the BehaviorSubject: its last value holds the tokens, which a disposed session must not keep in memory.
        this.#states$ = undefined;
        this.#events$?.complete();
      });
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
  /** Stops keeping events: from now on only subscribers receive them. Called at the end of `createSession`. */
  open(): void {
    this.#isOpen = true;
  }

  /** Runs `work`, and notifies listeners only after it: what a listener does then comes after all that `work` does. */
  batch(work: () => void): void {
    if (this.#queue) work();
    else this.#notify(work);
  }

  #changeOwner(state: SessionState<T>, notice?: SessionNotice): void {
    this.#endOwner(state, () => {
      this.#tell(state, notice);
    });
  }
  #endOwner(state: SessionState<T>, announce: () => void): void {
    this.batch(() => {
      this.#announceOwner();
      this.#ownerChanges += 1;
      this.#state = state;
      this.#announce = announce;
      this.#ownerChanged$?.next();
      this.#announceOwner();
    });
  }
  /**
   * Announces the last change of owner, unless that is done. Called when the former owner's work has ended, or before the next change: a
   * request that fails then may sign somebody in or out, and listeners would receive the two changes in the wrong order.
   */
  #announceOwner(): void {
    const announce = this.#announce;
    this.#announce = undefined;
    announce?.();
  }
  #set(state: SessionState<T>, notice?: SessionNotice): void {
    this.batch(() => {
      this.#announceOwner();
      this.#state = state;
      this.#tell(state, notice);
    });
  }
  #tell(state: SessionState<T>, notice: SessionNotice | undefined): void {
    if (this.#states$)
      this.#notify(() => {
        this.#states$?.next(state);
      });
    if (notice) this.emit(notice);
  }
  /** Notifies listeners through a queue: what a listener causes is delivered after all listeners have received what caused it. */
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
