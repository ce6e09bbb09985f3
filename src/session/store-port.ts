import type { Observable } from 'rxjs';
import type { RefreshFailureReason } from './errors.ts';
import type { SessionNotice, SignOutReason } from './events.ts';
import type { TokenSet } from './token-set.ts';

/** What a store holds: whose session it is, and the tokens. */
export interface Stored<T extends TokenSet> {
  /** `null`: nobody is signed in. */
  readonly owner: string | null;
  /** Never `null` while there is an owner. */
  readonly tokens: T | null;
  /** Why nobody is signed in, where the store knows. */
  readonly reason?: SignOutReason;
  /** This holder has seen the refresh happen that made these tokens, rather than finding them later. */
  readonly isNew?: boolean;
}

/** A failure for now that all holders share, so that an outage costs one try. */
export interface SharedFailure {
  readonly reason: RefreshFailureReason;
  /** How long the server asked to be left alone, in milliseconds, counted from now; 0 if it did not say. */
  readonly retryAfterMs: number;
}

/** Whether a write counts. */
export type CommitOutcome<T extends TokenSet> =
  | { readonly kind: 'committed' }
  /** Another holder has written first: that is what the store holds. `known`: the session knows that already. */
  | { readonly kind: 'overtaken'; readonly stored: Stored<T> | 'known' };

/** The right to refresh, held until the Observable that gave it is unsubscribed. */
export interface RefreshLease<T extends TokenSet> {
  /** Emits once, as `overtaken` does, when another holder has written, so that this lease is void. Never errors. */
  readonly lost$: Observable<Stored<T> | 'known'>;
  /**
   * Stores refreshed tokens, from the call on and to the end, whether or not anybody subscribes. Errors if they could not be stored in
   * time; they are then kept, tried again, and stored before the next refresh. Where nobody is signed in, `owner` is signed in now.
   */
  commit(owner: string, tokens: T): Observable<CommitOutcome<T>>;
  /**
   * The refresh was refused for good: empties the store, unless it holds other tokens than those that were presented. From the call on,
   * like `commit`; errors if that could not be stored in time, and tries again.
   */
  refuse(): Observable<CommitOutcome<T>>;
  /** The refresh failed for now. From the call on, like `commit`; emits once and never errors. */
  fail(failure: SharedFailure): Observable<void>;
}

/** What a session that wants to refresh is told by its store. */
export type RefreshTurn<T extends TokenSet> =
  | { readonly kind: 'granted'; readonly lease: RefreshLease<T> }
  /** Another holder has written since this session last looked: there may be nothing to refresh. `known`: `news$` has told the session already. */
  | { readonly kind: 'newer'; readonly stored: Stored<T> | 'known' }
  /** Another holder's refresh of the same tokens failed a moment ago. */
  | { readonly kind: 'failed'; readonly failure: SharedFailure };

/** What a port is given by its session. */
export interface PortContext {
  /** Bound of each access to the store, in milliseconds. */
  readonly storeTimeoutMs: number;
  /** Bound of one refresh, in milliseconds: a holder waits for another that is alive a little longer. */
  readonly refreshTimeoutMs: number;
  /** How long a failure is remembered for all holders at least, in milliseconds. */
  readonly minRefreshIntervalMs: number;
  emit(this: void, notice: SessionNotice): void;
}

/**
 * A session's way to its store, of either kind. It knows what the session has last read, been told or written, and compares the
 * store with that. Makes nothing before it is used: an idle session costs its tokens only.
 */
export interface StorePort<T extends TokenSet> {
  /**
   * Reads the store where that takes no waiting, without a stream: the first read of most sessions. `undefined`: to be read by `read`.
   * Throws if what the store holds cannot be told.
   */
  peek?(): Stored<T> | undefined;
  /** Reads the store. Emits once, synchronously where the store is synchronous. Errors if what it holds cannot be told. */
  read(): Observable<Stored<T>>;
  /**
   * What other holders have written, as this holder hears of it; and what this one has stored after it had said that it failed. Never
   * errors: a failure is reported by an event.
   */
  readonly news$?: Observable<Stored<T>>;
  /**
   * A new owner, over whatever the store holds. Queued at the call, in order; completes when it is stored or superseded. Errors with the
   * last failure if that takes longer than `storeTimeoutMs`; it is tried again until it succeeds or the port is closed.
   */
  signIn(owner: string, tokens: T): Observable<never>;
  /** Newer tokens of the same owner, brought by the app. Superseded by other tokens that were stored since. Else like `signIn`. */
  update(owner: string, tokens: T): Observable<never>;
  /** Empties the store, if it still holds this owner; before the store was ever read, `null` is whoever it holds. Else like `signIn`. */
  signOut(owner: string | null): Observable<never>;
  /**
   * Waits for the right to refresh. Emits one turn; unsubscribing gives the right back, or stops waiting for it. Emits nothing any more
   * when the session has changed its owner, and is to be unsubscribed then. Errors if the store cannot tell.
   */
  turn(options: { readonly ignoreFailure: boolean }): Observable<RefreshTurn<T>>;
  /**
   * Tokens that were refreshed and are not stored, because that failed so far or because another owner was quicker. They are not stored
   * any more after this call. `null` for those of a cookie, too: to revoke them could end the session of who has signed in since.
   */
  takeUnsaved(): T | null;
  /** Ends what the port has open. Writes that were asked for are still made: those that have failed are tried once more. */
  close(): void;
}

/** The key by which `createSession` opens a store that is shared by many holders. */
export const openPort: unique symbol = Symbol.for('sluice.open-port');

/** A store that many holders share: tabs, processes, machines. Made by `sharedStore`; each session that is given it is a holder. */
export interface SharedStore<T extends TokenSet = TokenSet> {
  /** @internal */
  readonly [openPort]: (context: PortContext) => StorePort<T>;
}
