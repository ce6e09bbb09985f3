import { AsyncSubject, catchError, defaultIfEmpty, map, type Observable, takeUntil } from 'rxjs';
import type { Freshness } from './freshness.ts';
import { RefreshFailedError } from './session-errors.ts';
import { NO_REFRESH, type Recovery } from './session-internals.ts';
import type { SessionRecord } from './session-record.ts';
import type { Stored, StorePort } from './store-port.ts';
import type { TokenSet } from './token-set.ts';

/** Reads the store until the session knows who is signed in. */
export class Restoration<T extends TokenSet> {
  readonly #record: SessionRecord<T>;
  readonly #freshness: Freshness;
  readonly #store: StorePort<T>;
  /** The read in progress. */
  #reading: Observable<Recovery> | undefined;

  constructor(record: SessionRecord<T>, freshness: Freshness, store: StorePort<T>) {
    this.#record = record;
    this.#freshness = freshness;
    this.#store = store;
  }

  /**
   * Reads the store for the first time. Reads a synchronous store synchronously, so that `createSession` returns a session that is restored
   * already.
   */
  begin(): void {
    try {
      const stored = this.#store.peek?.();
      if (stored) this.apply(stored);
      else this.read().subscribe({ error: () => undefined });
    } catch {
      this.#record.storeUnreadable();
    }
  }

  /**
   * Reads the store, or joins the read in progress. Fails with `RefreshFailedError` if the store cannot be read. Emits no state, because
   * http/cancellation.ts caches what a request's wait emits, and a cached state would keep tokens in memory.
   */
  read(): Observable<Recovery> {
    if (this.#reading) return this.#reading;
    const done$ = new AsyncSubject<Recovery>();
    this.#reading = done$;
    this.#store
      .read()
      .pipe(
        map((stored) => {
          this.apply(stored);
          return NO_REFRESH;
        }),
        catchError((cause: unknown) => {
          this.#reading = undefined;
          if (this.#isAwaited) this.#record.storeUnreadable();
          throw new RefreshFailedError('unavailable', cause);
        }),
        takeUntil(this.#record.ownerChanged$),
        defaultIfEmpty(NO_REFRESH),
      )
      .subscribe(done$)
      .add(() => {
        this.#reading = undefined;
      });
    return done$;
  }

  /** Applies what the store holds, unless the session knows who is signed in by now: `signIn()` or another read has been quicker. */
  apply({ owner, tokens }: Stored<T>): void {
    if (!this.#isAwaited) return;
    // Tokens may have died in the store, so an expiry in the past is no sign of a wrong clock.
    if (tokens) this.#freshness.noteExpiry(tokens, -Infinity);
    this.#record.restored(owner, tokens);
  }

  get #isAwaited(): boolean {
    const { status } = this.#record.state;
    return status === 'restoring' || status === 'unavailable';
  }
}
