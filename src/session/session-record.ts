import {
  BehaviorSubject,
  defer,
  distinctUntilChanged,
  filter,
  from,
  merge,
  type Observable,
  queueScheduler,
  Subject,
  subscribeOn,
} from 'rxjs';
import type { RefreshReason, SessionEvent, SignOutReason } from './events.ts';
import type { SessionState } from './session-state.ts';
import type { TokenSet } from './token-set.ts';

/**
 * The only writer of a session's state. Each verb sets the new state, then ends what runs for a former owner, then tells listeners:
 * requests that wait read the new state when they fail, and a listener may start work for the new owner.
 */
export class SessionRecord<T extends TokenSet> {
  #state: SessionState<T> = { status: 'restoring', tokens: null, generation: 0, epoch: 0 };
  readonly #states$ = new BehaviorSubject(this.#state);
  readonly #events$ = new Subject<SessionEvent>();
  readonly #ownerChanged$ = new Subject<void>();
  #isOpen = false;
  #isDisposed = false;
  readonly #early: SessionEvent[] = [];

  get state(): SessionState<T> {
    return this.#state;
  }
  get isDisposed(): boolean {
    return this.#isDisposed;
  }
  readonly state$: Observable<SessionState<T>> = this.#states$.pipe(distinctUntilChanged());
  /** Events from before the first listener wait for it: a synchronous store is read before anybody can subscribe. */
  readonly events$: Observable<SessionEvent> = defer(() =>
    merge(this.#events$, from(this.#early.splice(0)).pipe(subscribeOn(queueScheduler))),
  );
  /** Emits after the state of the new owner is set and before listeners are told. */
  readonly ownerChanged$: Observable<void> = this.#ownerChanged$;
  readonly disposed$: Observable<void> = this.#ownerChanged$.pipe(filter(() => this.#isDisposed));

  /** The store has been read for the first time. Restoring a session is no change of owner. */
  restored(tokens: T | null): void {
    const { epoch, generation } = this.#state;
    if (!tokens) this.#set({ ...this.#state, status: 'signed-out' });
    else
      this.#changeOwner(
        { status: 'signed-in', tokens, generation: generation + 1, epoch },
        { type: 'restored', generation: generation + 1 },
      );
  }
  signedIn(tokens: T): void {
    const { epoch } = this.#state;
    const generation = this.#state.generation + 1;
    this.#changeOwner({ status: 'signed-in', tokens, generation, epoch: epoch + 1 }, { type: 'signed-in', generation });
  }
  signedOut(reason: SignOutReason): void {
    const { tokens, generation, epoch } = this.#state;
    this.#changeOwner(
      { status: 'signed-out', tokens: null, generation, epoch: epoch + 1, reason },
      tokens === null ? undefined : { type: 'signed-out', reason },
    );
  }
  refreshStarted(reason: RefreshReason): void {
    const { generation } = this.#state;
    this.#set({ ...this.#state, status: 'refreshing', reason }, { type: 'refresh-started', reason, generation });
  }
  /** Newer tokens of the same owner. A refresh that runs goes on, unless `endsRefresh`. */
  tokensReplaced(tokens: T, type: 'refresh-succeeded' | 'tokens-adopted', endsRefresh: boolean): void {
    const { status, epoch } = this.#state;
    const generation = this.#state.generation + 1;
    this.#set(
      status === 'refreshing' && !endsRefresh
        ? { ...this.#state, tokens, generation }
        : { status: 'signed-in', tokens, generation, epoch },
      { type, generation },
    );
  }
  /** A refresh has ended without new tokens. */
  refreshEnded(): void {
    const { tokens, generation, epoch } = this.#state;
    this.#set({ status: tokens ? 'signed-in' : 'signed-out', tokens, generation, epoch });
  }
  disposed(): void {
    const { generation, epoch } = this.#state;
    this.#isDisposed = true;
    this.#changeOwner({ status: 'signed-out', tokens: null, generation, epoch: epoch + 1 });
    this.#notify(() => {
      this.#states$.complete();
      this.#events$.complete();
    });
  }

  readonly emit = (event: SessionEvent): void => {
    if (this.#isOpen)
      this.#notify(() => {
        this.#events$.next(event);
      });
    else this.#early.push(event);
  };
  /** From now on events are for those that listen. */
  open(): void {
    this.#isOpen = true;
  }

  #changeOwner(state: SessionState<T>, event?: SessionEvent): void {
    this.#set(state, event, () => {
      this.#ownerChanged$.next();
    });
  }
  #set(state: SessionState<T>, event?: SessionEvent, beforeListeners?: () => void): void {
    this.#state = state;
    beforeListeners?.();
    this.#notify(() => {
      this.#states$.next(state);
    });
    if (event) this.emit(event);
  }
  /** Through a queue: what a listener causes is told after all listeners have heard of what caused it. */
  #notify(work: () => void): void {
    queueScheduler.schedule(work);
  }
}
