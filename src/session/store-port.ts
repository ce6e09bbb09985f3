import type { Observable } from 'rxjs';
import type { SessionNotice, SignOutReason } from './events.ts';
import type { RefreshFailureReason } from './session-errors.ts';
import type { TokenSet } from './token-set.ts';

/**
 * The content of a store. In this file, a holder is a session that shares the store with others: in another tab, process or machine. A
 * store that is not shared has one holder.
 */
export interface Stored<T extends TokenSet> {
  /** The sign-in that the tokens belong to; `null` if nobody is signed in. */
  readonly owner: string | null;
  /** The tokens; `null` if and only if `owner` is. */
  readonly tokens: T | null;
  /** Why nobody is signed in; absent if the store does not know. */
  readonly reason?: SignOutReason;
  /**
   * When this holder saw that another one had refreshed these tokens, in epoch milliseconds; `-Infinity` or absent if it cannot tell. A 401
   * within `minRefreshIntervalMs` then starts no other refresh, as if this session had refreshed them. Without it, tokens that live for
   * less than `refreshLeewayMs` would be due as soon as they are adopted, and each holder would refresh them once more.
   */
  readonly refreshedAt?: number;
}

/** A failed refresh that was not refused for good. All holders read it, so that an outage costs one attempt and not one per holder. */
export interface SharedFailure {
  readonly reason: RefreshFailureReason;
  /** The server's `Retry-After` in milliseconds, counted from now; 0 if the server sent none. */
  readonly retryAfterMs: number;
}

/** The outcome of a write at the end of a refresh. */
export type CommitOutcome<T extends TokenSet> =
  /** The store holds what was written. */
  | { readonly kind: 'committed' }
  /** The store holds `stored` instead, which was written first. `known`: `news$` has emitted that content already. */
  | { readonly kind: 'overtaken'; readonly stored: Stored<T> | 'known' };

/** The right to refresh. It is held until the Observable of `StorePort.turn` is unsubscribed. */
export interface RefreshLease<T extends TokenSet> {
  /**
   * Emits once, when another holder has written something that ends this lease: the content of the store now, or `known` if `news$` has
   * emitted that content already. Never errors.
   */
  readonly lost$: Observable<Stored<T> | 'known'>;
  /**
   * Stores the tokens of a refresh; if nobody is signed in, `owner` is signed in by that. The write starts at the call and runs to its end
   * even without a subscriber. A shared store errors if they are not stored within `storeTimeoutMs`: the port then keeps them and stores
   * them before the next refresh. A store of one holder never errors.
   */
  commit(owner: string, tokens: T): Observable<CommitOutcome<T>>;
  /**
   * Empties the store after a refusal, unless it holds other tokens than those that were presented, or another holder has the lease. A
   * shared store starts at the call, errors if it is not empty within `storeTimeoutMs`, and goes on trying. A store of one holder starts at
   * the subscription and never errors.
   */
  refuse(): Observable<CommitOutcome<T>>;
  /** Tells other holders that the refresh failed. Starts at the call, not at the subscription. Emits once and never errors. */
  fail(failure: SharedFailure): Observable<void>;
}

/** What a store tells a session that wants to refresh. */
export type RefreshTurn<T extends TokenSet> =
  /** The session may call `refresh`. */
  | { readonly kind: 'granted'; readonly lease: RefreshLease<T> }
  /** Another holder has written since the session last read the store. `known`: `news$` has emitted that content already. */
  | { readonly kind: 'newer'; readonly stored: Stored<T> | 'known' }
  /** Another holder's refresh of the same tokens has just failed. */
  | { readonly kind: 'failed'; readonly failure: SharedFailure };

/** What a session passes to its port: three of its options, and a function that emits events. */
export interface PortContext {
  /** How long each access to the store may take, in milliseconds. */
  readonly storeTimeoutMs: number;
  /** How long a refresh of another holder may take, in milliseconds. The wait for a turn ends three store accesses and a lease later. */
  readonly refreshTimeoutMs: number;
  /** How long all holders remember a failed refresh at least, in milliseconds. */
  readonly minRefreshIntervalMs: number;
  emit(this: void, notice: SessionNotice): void;
}

/**
 * Connects a session to its store, shared or not. A port knows what the session has last read, learnt and written, and compares
 * the store with that. It creates nothing before it is used, because an idle session should cost its tokens only.
 */
export interface StorePort<T extends TokenSet> {
  /**
   * Reads a synchronous store. Returns `undefined` if the store is asynchronous; then `read` must be called. Throws if the store cannot be
   * read. It saves the cost of an Observable for the first read of a session, because most stores are synchronous.
   */
  peek?(): Stored<T> | undefined;
  /** Reads the store. Emits once, synchronously if the store is synchronous. Errors if the store cannot be read. */
  read(): Observable<Stored<T>>;
  /**
   * Emits the content of the store when another holder has written, or when a write of this holder took effect after it had been reported
   * as failed. Never errors: a failure is reported by the event `store-failed`.
   */
  readonly news$?: Observable<Stored<T>>;
  /**
   * Returns `null` unless other holders may have written without a notification, because this one was suspended. Then it reads the store
   * and emits by `news$` what is new: a request that is sent before could carry the token of somebody who has left. The result emits when
   * that is done, also if the store cannot be read.
   */
  catchUp?(): Observable<unknown> | null;
  /**
   * Writes the tokens of a new owner over whatever the store holds. The write is queued at the call, and the Observable completes
   * when it is done or another write has made it pointless. For a shared store it errors with the last failure if that takes longer than
   * `storeTimeoutMs`, and the write is repeated until it succeeds or the port is closed. The store of one holder never errors: a failure
   * is reported by the event `store-failed`.
   */
  signIn(owner: string, tokens: T): Observable<never>;
  /**
   * Writes newer tokens of the same owner, from `update()` or from a late result of `refresh`. A shared store keeps what it has if that is
   * another owner's, or newer than what this session knew: otherwise this write would undo another holder's. A store of one holder writes
   * in any case. The write is queued at the call. Completes when it is done or pointless; for a shared store, errors if that takes longer
   * than `storeTimeoutMs`, and the write is repeated.
   */
  update(owner: string, tokens: T): Observable<never>;
  /**
   * Empties the store. A shared store is emptied only if it holds this owner; if a session has not read it yet, `null` means whichever
   * owner it holds. The write is queued at the call. Completes when it is done or pointless; for a shared store, errors if that takes
   * longer than `storeTimeoutMs`, and the write is repeated.
   */
  signOut(owner: string | null): Observable<never>;
  /**
   * Waits for the right to refresh. Emits one turn and stays open while the right is held; unsubscribing releases it, or ends the
   * wait. Must be unsubscribed when the owner changes, because a shared store emits nothing then. A shared store errors if it cannot be
   * read or the wait takes too long; a store of one holder grants the turn even if it cannot be read.
   *
   * @param options - `ignoreFailure`: whether to grant the turn although another holder's refresh has just failed
   */
  turn(options: { readonly ignoreFailure: boolean }): Observable<RefreshTurn<T>>;
  /**
   * Returns tokens of a refresh that are not in the store yet, so that the session can revoke them: their write has failed so far or is in
   * progress, or another owner has signed in first. A shared store gives up their write. Returns `null` if there are none, or if nobody was
   * signed in when the refresh began, as at the start of a cookie session: to revoke those could end the session of the person who has
   * signed in since.
   */
  takeUnsaved(): T | null;
  /** Releases what the port has open. Queued writes are still made; one that has failed is tried once more. */
  close(): void;
}

/**
 * The key by which `createSession` opens a shared store. A registered symbol, so that two installed copies of the package can share
 * one.
 */
export const openPort: unique symbol = Symbol.for('sluice.open-port');

/** A store that many holders share: tabs, processes, machines. Created by `sharedStore`; each session that uses it is a holder. */
export interface SharedStore<T extends TokenSet = TokenSet> {
  /** @internal */
  readonly [openPort]: (context: PortContext) => StorePort<T>;
}
