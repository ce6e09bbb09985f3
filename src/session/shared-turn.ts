import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  exhaustMap,
  interval,
  map,
  merge,
  Observable,
  of,
  Subject,
  type Subscriber,
  take,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import { WaitTimeoutError, withTimeout } from './with-timeout.ts';
import { withoutLease } from './draft.ts';
import { nativeLock } from './native-lock.ts';
import { fiveAttempts, SharedLease } from './shared-lease.ts';
import type { SharedRecord, Told } from './shared-record.ts';
import type { RefreshTurn } from './store-port.ts';
import type { StoredSession } from './stored-session.ts';
import type { TokenSet } from './token-set.ts';

/**
 * How often a holder (a session that shares the store) reads the record while it waits, in milliseconds. It must poll, because `news$`
 * does not tell that another holder has died.
 */
const POLL_MS = 250;

/**
 * How long a holder waits for the lock before it first reads the record, in milliseconds. A lock that nobody has is granted sooner, and is
 * followed by a read: another read before that would only make each refresh slower.
 */
const FIRST_POLL_MS = 20;

/** The result of reading the record: the outcome of the wait, or `same` if the record still has the tokens that the session knows. */
type Look<T extends TokenSet> = RefreshTurn<T> | { readonly kind: 'same'; readonly now: StoredSession | null };

/**
 * Waits for the right to refresh: by the cell's own lock if it has one, otherwise by a lease in the record. Emits one `RefreshTurn`. Errors
 * if the wait takes longer than a living holder may need for its refresh: `refreshTimeoutMs`, three accesses to the store, and one lease.
 */
export function sharedTurn<T extends TokenSet>(
  record: SharedRecord<T>,
  ignoreFailure: boolean,
): Observable<RefreshTurn<T>> {
  const { context, setup } = record.access;
  const { storeTimeoutMs, refreshTimeoutMs } = context;
  return new Observable((subscriber) => {
    const wait = new TurnWait(record, ignoreFailure, subscriber);
    const patienceMs = refreshTimeoutMs + 3 * storeTimeoutMs + setup.leaseMs;
    record.hurry();
    return (setup.cell.lock ? wait.underLock(patienceMs) : wait.underLease(patienceMs)).subscribe({
      next: (turn) => {
        subscriber.next(turn);
        if (turn.kind !== 'granted') subscriber.complete();
      },
      error: (error: unknown) => subscriber.error(error),
    });
  });
}

class TurnWait<T extends TokenSet> {
  readonly #record: SharedRecord<T>;
  readonly #ignoreFailure: boolean;
  readonly #subscriber: Subscriber<RefreshTurn<T>>;
  /** The owner and tokens that the session knew when it called `turn`. If it knows of newer tokens by now, no refresh is needed. */
  readonly #told: Told;

  constructor(record: SharedRecord<T>, ignoreFailure: boolean, subscriber: Subscriber<RefreshTurn<T>>) {
    this.#record = record;
    this.#told = record.told;
    this.#ignoreFailure = ignoreFailure;
    this.#subscriber = subscriber;
  }

  /**
   * Reads the record when the lock is granted, and repeatedly while it waits for the lock: the wait may be needless, and a holder that has
   * stored its tokens may have been suspended before it has released the lock.
   */
  underLock(patienceMs: number): Observable<RefreshTurn<T>> {
    const { access, queue } = this.#record;
    const granted$ = new Subject<void>();
    const unlocked$ = nativeLock(access.setup.cell).pipe(
      withTimeout(patienceMs),
      tap({ error: (error: unknown) => access.report('lock', error) }),
      take(1),
      concatMap((unlock) => {
        // Stop the repeated reads of `stored$`: the read below (`#look`) tells whether another holder has refreshed meanwhile.
        granted$.next();
        // Unlock after the queued writes: until the new tokens are stored, another holder would present the spent ones.
        const unlock$ = defer(() => {
          unlock();
          return EMPTY;
        });
        this.#subscriber.add(() => void queue.add(unlock$));
        this.#record.noteWatched();
        return this.#look();
      }),
      map((look) => (look.kind === 'same' ? this.#grant(look.now, true) : look)),
    );
    const stored$ = timer(FIRST_POLL_MS, POLL_MS).pipe(
      // The session waits for the lock even if the record cannot be read now; the read when the lock is granted decides.
      exhaustMap(() => this.#look().pipe(catchError(() => EMPTY))),
      concatMap((look) => (look.kind === 'same' ? EMPTY : of(look))),
      takeUntil(granted$),
    );
    return merge(unlocked$, stored$).pipe(take(1));
  }

  /**
   * Reads the record repeatedly. If the record still has the tokens that the session knows (`same`), it tries to take the lease, which
   * `#take` does only if no other holder has one or that holder counts as dead.
   */
  underLease(patienceMs: number): Observable<RefreshTurn<T>> {
    const { access } = this.#record;
    const news$ = new Observable<void>((subscriber) => access.watch(() => subscriber.next()));
    return merge(of(0), interval(Math.min(POLL_MS, access.setup.leaseMs / 4)), news$).pipe(
      exhaustMap(() =>
        this.#look().pipe(concatMap((look) => (look.kind === 'same' ? this.#take(look.now) : of(look)))),
      ),
      take(1),
      withTimeout(patienceMs),
    );
  }

  #look(): Observable<Look<T>> {
    const record = this.#record;
    return record.run(record.read()).pipe(
      concatMap((now): Observable<Look<T>> => {
        // `told` is what the session knows, not the record. If its owner differs, the session has changed its owner since this wait began,
        // which has ended the refresh: emit nothing. Another owner in the record alone is news, and is emitted below.
        if (record.told.owner !== this.#told.owner) return EMPTY;
        if (record.told !== this.#told || record.isNews(now))
          return record.tellNews(now).pipe(map((stored) => ({ kind: 'newer', stored })));
        const failure = this.#ignoreFailure ? null : record.failureOf(now);
        return of(failure ? { kind: 'failed', failure } : { kind: 'same', now });
      }),
    );
  }

  /** Writes this holder's lease into the record. Emits nothing if another holder may be alive, or has written since `now` was read. */
  #take(now: StoredSession | null): Observable<RefreshTurn<T>> {
    const record = this.#record;
    const subscriber = this.#subscriber;
    const { leaseMs } = record.access.setup;
    const lease = now?.lease;
    if (lease && lease.by !== record.id && record.stillMs < lease.forMs) return EMPTY;
    let hasLost = false;
    const take$ = record.write({
      base: now,
      again: (failures) => {
        hasLost = true;
        return fiveAttempts(failures);
      },
      change: (current) =>
        current?.version !== now?.version
          ? null
          : { ...withoutLease(current), lease: { by: record.id, forMs: leaseMs } },
    });
    const kept$ = take$.pipe(
      tap((taken) => {
        // The turn was unsubscribed while the lease was written. Release the lease: other holders would wait until it has run out.
        if (taken.isWritten && subscriber.closed) new SharedLease(record, taken.record, false).release();
      }),
    );
    return record.queue.add(kept$).pipe(
      // Do not use a lease that took longer to write: another holder may soon take it over.
      withTimeout(leaseMs / 2),
      catchError((error: unknown) => {
        // If the store works, the write has lost against another holder's, and waits for its next attempt: in a tab in the background,
        // browsers delay that by a second or more. Read again rather than fail, because that holder may have refreshed.
        if (error instanceof WaitTimeoutError && hasLost && record.access.lastError === undefined) return EMPTY;
        throw error;
      }),
      concatMap((taken) => (taken.isWritten ? of(this.#grant(taken.record, false)) : EMPTY)),
    );
  }

  #grant(base: StoredSession | null, isLocked: boolean): RefreshTurn<T> {
    const lease = new SharedLease(this.#record, base, isLocked);
    this.#subscriber.add(() => lease.release());
    return { kind: 'granted', lease };
  }
}
