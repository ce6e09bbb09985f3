import {
  AsyncSubject,
  catchError,
  concat,
  concatMap,
  defer,
  ignoreElements,
  map,
  NEVER,
  type Observable,
  of,
} from 'rxjs';
import { isSluiceError } from './errors.ts';
import { failureName } from './failure-name.ts';
import { InvalidInputError } from './invalid-input-error.ts';
import { newOwner, UNNAMED_OWNER } from './owner.ts';
import type { SafeCallbacks } from './safe-callbacks.ts';
import type { CommitOutcome, PortContext, RefreshLease, RefreshTurn, Stored, StorePort } from './store-port.ts';
import { checkTokens, type TokenSet } from './token-set.ts';
import { fromSyncOrPromise, isPromiseLike, type TokenStore } from './token-store.ts';
import { WaitTimeoutError, withTimeout } from './with-timeout.ts';

const NOBODY: Stored<never> = { owner: null, tokens: null };

/** Identifies an entry of the store (a token set) by its two tokens: a store may drop all other fields, so only these can be compared. */
const fingerprint = (tokens: TokenSet | null): string => `${tokens?.accessToken ?? ''} ${tokens?.refreshToken ?? ''}`;

/**
 * The `StorePort` of a store that one session uses. A failure of the store is reported, and the session goes on with the tokens in memory.
 * If other sessions use the same store all the same, a refresh adopts what they wrote, and a refused refresh does not remove it.
 */
export class SingleHolder<T extends TokenSet> implements StorePort<T> {
  readonly #store: TokenStore<T>;
  readonly #context: PortContext;
  readonly #callbacks: Pick<SafeCallbacks<T>, 'ownerOf'>;
  /** What this session last wrote to the store, or took over from it. */
  #known: Stored<T> = NOBODY;
  /**
   * The entries that the store may hold if no other session has written: what this session last read or wrote, and more than one until a
   * write is known to have taken effect. `undefined` before the first read or write.
   */
  #own: string[] | undefined;
  /** Entries whose write timed out. Such a write may take effect later, and its entry must not be taken for another session's then. */
  #hung: string[] | undefined;
  /** The promise that `peek` got from the store. The read that follows waits for this promise instead of calling `get` a second time. */
  #asked: PromiseLike<T | null> | undefined;
  /** Refreshed tokens, while they are being written. */
  #unsaved: T | null = null;
  /** The last write, until it has ended. The next write waits for it, and so do reads. Completes even if the write fails. */
  #writing: Observable<never> | undefined;

  constructor(store: TokenStore<T>, context: PortContext, callbacks: Pick<SafeCallbacks<T>, 'ownerOf'>) {
    this.#store = store;
    this.#context = context;
    this.#callbacks = callbacks;
  }

  peek(): Stored<T> | undefined {
    try {
      const value = this.#store.get();
      this.#asked = isPromiseLike<T | null>(value) ? value : undefined;
      return this.#asked ? undefined : this.#adopt(this.#stored(value));
    } catch (error) {
      return this.#adopt(this.#nobodyFor(error));
    }
  }
  read(): Observable<Stored<T>> {
    return this.#look().pipe(
      catchError((error: unknown) => of(this.#nobodyFor(error))),
      map((stored) => this.#adopt(stored)),
    );
  }

  signIn(owner: string, tokens: T): Observable<never> {
    this.#known = { owner, tokens };
    return this.#write();
  }
  update(owner: string, tokens: T): Observable<never> {
    return this.signIn(owner, tokens);
  }
  signOut(): Observable<never> {
    this.#known = NOBODY;
    return this.#write();
  }

  turn(): Observable<RefreshTurn<T>> {
    return this.#look().pipe(
      map((stored): RefreshTurn<T> => {
        if (!this.#isForeign(stored)) return { kind: 'granted', lease: this.#lease };
        this.#adopt(stored);
        return { kind: 'newer', stored };
      }),
      // If the store cannot be read, the session refreshes the tokens in memory.
      catchError((error: unknown) => {
        this.#failed('get', error);
        return of<RefreshTurn<T>>({ kind: 'granted', lease: this.#lease });
      }),
    );
  }

  takeUnsaved(): T | null {
    const tokens = this.#unsaved;
    this.#unsaved = null;
    return tokens;
  }
  /** Forgets the tokens, so that a disposed session does not keep them in memory. A write in progress has its own reference. */
  close(): void {
    this.#known = NOBODY;
    this.#own = this.#hung = undefined;
  }

  get #lease(): RefreshLease<T> {
    return {
      lost$: NEVER,
      commit: (owner, tokens) => this.#commit(owner, tokens),
      refuse: () => this.#refuse(),
      fail: () => of(undefined),
    };
  }

  #commit(owner: string, tokens: T): Observable<CommitOutcome<T>> {
    const spent = this.#known.tokens?.refreshToken;
    if (this.#known.tokens) this.#unsaved = tokens;
    return concat(
      this.signIn(owner, tokens),
      defer((): Observable<CommitOutcome<T>> => {
        this.#unsaved = null;
        const { tokens: now } = this.#known;
        if (!now || now === tokens) return of({ kind: 'committed' });
        // `update()` brought other tokens during the write. They count, unless their refresh token is the one that this refresh has
        // spent.
        return now.refreshToken === spent
          ? this.#commit(owner, tokens)
          : of({ kind: 'overtaken', stored: this.#known });
      }),
    );
  }

  #refuse(): Observable<CommitOutcome<T>> {
    const refused = this.#known.tokens?.refreshToken;
    /** `update()` may bring other tokens before the store is empty. They count, unless their refresh token is the refused one. */
    const empty$: Observable<CommitOutcome<T>> = defer(() => {
      const { tokens } = this.#known;
      if (!tokens) return of<CommitOutcome<T>>({ kind: 'committed' });
      return tokens.refreshToken === refused
        ? concat(this.signOut(), empty$)
        : of<CommitOutcome<T>>({ kind: 'overtaken', stored: this.#known });
    });
    return this.turn().pipe(
      concatMap((turn) => (turn.kind === 'newer' ? of({ kind: 'overtaken', stored: turn.stored } as const) : empty$)),
    );
  }

  /** Reads the store after all writes: an entry that is still being written may be visible, and would be taken for another session's. */
  #look(): Observable<Stored<T>> {
    const value$ = defer(() => {
      const asked = this.#asked ?? this.#store.get();
      this.#asked = undefined;
      return fromSyncOrPromise(asked);
    });
    const get$: Observable<T | null> = defer(() => (this.#writing ? concat(this.#writing, get$) : value$));
    return get$.pipe(
      withTimeout(this.#context.storeTimeoutMs),
      map((value) => this.#stored(value)),
    );
  }

  #stored(value: unknown): Stored<T> {
    if (value === null || value === undefined) return NOBODY;
    const { tokens: found, fault } = checkTokens<T>(value);
    if (!found) throw new InvalidInputError(`The store holds no token set: ${fault}.`);
    if (fault) this.#context.emit({ type: 'tokens-faulty', message: `store: ${fault}` });
    const { owner, ...rest } = found;
    const tokens = owner === undefined ? found : (rest as TokenSet as T);
    return { owner: owner ?? this.#unnamedOwner(tokens), tokens };
  }
  /** Returns the owner of tokens from a store that drops the field `owner`. */
  #unnamedOwner(tokens: T): string {
    const { owner, tokens: known } = this.#known;
    if (!this.#own) return UNNAMED_OWNER;
    if (owner === null || !known) return newOwner();
    const name = this.#callbacks.ownerOf(tokens);
    return name !== undefined && name === this.#callbacks.ownerOf(known) ? owner : newOwner();
  }

  #isForeign(stored: Stored<T>): boolean {
    // After a failed write the store may still hold a former owner's entry. Do not adopt it: the tokens in memory are newer.
    const isBehind = (this.#own?.length ?? 0) > 1;
    const entry = fingerprint(stored.tokens);
    return (
      !this.#own?.includes(entry) && !this.#hung?.includes(entry) && !(isBehind && stored.owner !== this.#known.owner)
    );
  }
  #adopt(stored: Stored<T>): Stored<T> {
    this.#known = stored;
    this.#own = [fingerprint(stored.tokens)];
    return stored;
  }
  /** Reports that reading failed. A value that is no token set means that nobody is signed in; any other error is thrown again. */
  #nobodyFor(error: unknown): Stored<T> {
    this.#failed('get', error);
    if (isSluiceError(error)) return NOBODY;
    throw error;
  }

  /** Writes the present `#known` after the writes before it. Completes when the write has succeeded or failed. */
  #write(): Observable<never> {
    const { owner, tokens } = this.#known;
    const entry = tokens && owner !== null ? { ...tokens, owner } : tokens;
    const done$ = new AsyncSubject<never>();
    const before$ = this.#writing ?? [];
    (this.#own ??= ['?']).push(fingerprint(tokens));
    this.#writing = done$;
    concat(before$, this.#set(entry))
      .subscribe({
        complete: () => {
          this.#own = this.#own?.slice(this.#own.indexOf(fingerprint(tokens)));
        },
        error: (error: unknown) => {
          if (tokens && error instanceof WaitTimeoutError) (this.#hung ??= []).push(fingerprint(tokens));
          this.#failed('set', error);
        },
      })
      .add(() => {
        if (this.#writing === done$) this.#writing = undefined;
        done$.complete();
      });
    return done$;
  }
  /** Writes an entry. If that fails, the storage may be full: removes the old entry, which is out of date, and tries once more. */
  #set(entry: T | null): Observable<never> {
    const set = (value: T | null): Observable<never> =>
      defer(() => fromSyncOrPromise(this.#store.set(value))).pipe(
        withTimeout(this.#context.storeTimeoutMs),
        ignoreElements(),
      );
    return set(entry).pipe(
      catchError((error: unknown) => {
        // Do not write again after a timeout: the write that hangs may still take effect, and replace the second one.
        if (error instanceof WaitTimeoutError) throw error;
        return concat(set(null), entry ? set(entry) : []);
      }),
    );
  }

  #failed(operation: 'get' | 'set', error: unknown): void {
    this.#context.emit({ type: 'store-failed', operation, message: failureName(error) });
  }
}
