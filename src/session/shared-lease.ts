import {
  AsyncSubject,
  catchError,
  concatMap,
  EMPTY,
  exhaustMap,
  map,
  type Observable,
  of,
  Subject,
  takeUntil,
  tap,
  timer,
  zip,
} from 'rxjs';
import { withTimeout } from './with-timeout.ts';
import { nextGeneration, withoutLease, type Write, type Written } from './draft.ts';
import type { SharedRecord } from './shared-record.ts';
import type { CommitOutcome, RefreshLease, SharedFailure, Stored } from './store-port.ts';
import type { StoredSession } from './stored-session.ts';
import type { TokenSet } from './token-set.ts';

/**
 * Ends the attempts of a write after five failures. For writes that may be given up: if a lease cannot be taken, this refresh fails; if a
 * failure cannot be noted or a lease not removed, other holders wait until the lease has run out.
 */
export const fiveAttempts = (failures: number): boolean => failures < 5;

/**
 * The right of one holder (a session that shares the store) to refresh. It is either a lease in the stored record, which this class renews
 * by writing the record again (a beat), or the cell's own lock. If another holder writes other tokens or takes the lease over, the right is
 * lost.
 */
export class SharedLease<T extends TokenSet> implements RefreshLease<T> {
  readonly #record: SharedRecord<T>;
  readonly #isLocked: boolean;
  readonly #over$ = new Subject<void>();
  readonly #lost$ = new AsyncSubject<StoredSession | null>();
  /** The record at the time when this holder got the right to refresh. It has the refresh token that `refresh` presents. */
  readonly #granted: StoredSession | null;
  /** The newest record that this holder has seen. */
  #base: StoredSession | null;
  /**
   * The generation of tokens that an `update()` wrote during this refresh, if they still have the refresh token that `refresh` presents:
   * the outcome of the refresh then concerns them, too. Otherwise `NaN`.
   */
  #updated = NaN;

  constructor(record: SharedRecord<T>, granted: StoredSession | null, isLocked: boolean) {
    this.#record = record;
    this.#granted = granted;
    this.#base = granted;
    this.#isLocked = isLocked;
    record.watcher = this;
    if (isLocked) return;
    const beatMs = record.access.setup.leaseMs / 3;
    timer(beatMs, beatMs)
      .pipe(
        exhaustMap(() => this.#beat(beatMs)),
        takeUntil(this.#over$),
      )
      .subscribe();
  }

  get lost$(): Observable<Stored<T> | 'known'> {
    return this.#lost$.pipe(
      concatMap((now) => this.#record.tellNews(now)),
      catchError(() => EMPTY),
    );
  }

  /** Is called by `SharedRecord` with each record that is read or written, and ends this lease if the record shows that it is lost. */
  see(now: StoredSession | null): void {
    this.#base = now;
    if (!this.#isVoid(now)) return;
    this.#end();
    this.#lost$.next(now);
    this.#lost$.complete();
  }

  commit(owner: string, tokens: T): Observable<CommitOutcome<T>> {
    const record = this.#record;
    const unsaved = { tokens, owner: this.#granted?.owner ?? null };
    const known = record.told.generation;
    this.#end();
    record.unsaved = unsaved;
    const isWanted = (): boolean => record.unsaved === unsaved;
    const saved$ = this.#conclude({
      tokens,
      again: isWanted,
      // Write even if the lease is lost, as long as the record still has the presented refresh token: that token is spent, and without this
      // write no holder would have one that works.
      change: (now) =>
        isWanted() && (!this.#isVoid(now) || this.#isPresented(now))
          ? { ...nextGeneration(now, known), owner, refreshed: true }
          : null,
    }).pipe(
      tap(({ record: now, isWritten }) => {
        // If the record has another owner by now, keep the tokens in `unsaved`: the session takes and revokes them when it learns of that
        // owner.
        if (isWanted() && (isWritten || now?.owner === unsaved.owner)) record.unsaved = null;
      }),
    );
    return this.#outcome(saved$);
  }

  refuse(): Observable<CommitOutcome<T>> {
    this.#end();
    const emptied$ = this.#conclude({
      // Do not write while another holder has the lease: that holder may have presented the refresh token first and got new tokens for it,
      // and would be signed out.
      change: (now) =>
        this.#isPresented(now) && !(now?.lease && this.#isVoid(now))
          ? { ...nextGeneration(now), reason: 'expired' }
          : null,
    }).pipe(
      tap(({ record: now, isWritten }) => {
        this.#base = now;
        if (!isWritten) this.#giveBack();
      }),
    );
    return this.#outcome(emptied$);
  }

  fail(failed: SharedFailure): Observable<void> {
    this.#end();
    const noted$ = this.#write({ again: fiveAttempts, change: (now) => ({ ...withoutLease(now), failed }) });
    return this.#record.run(noted$).pipe(
      catchError(() => of(undefined)),
      map(() => undefined),
    );
  }

  /**
   * Ends this lease and removes it from the record. Leaves the record as it is if another write of this holder removes the lease (the
   * result of the refresh, a sign-in or a sign-out), if the lease is lost, or if the next refresh of this holder uses it already.
   */
  release(): void {
    const isHeld = this.#record.watcher === this;
    this.#end();
    if (isHeld) this.#giveBack();
  }

  #giveBack(): void {
    if (!this.#isLocked) void this.#record.queue.add(this.#write({ again: fiveAttempts, change: withoutLease }));
  }

  /** Renews the lease by writing the record again, so that no other holder takes it over. Gives up when the next beat is due. */
  #beat(beatMs: number): Observable<unknown> {
    const beat$ = this.#write({ change: (now) => now }).pipe(withTimeout(beatMs), takeUntil(this.#over$));
    return this.#record.queue.add(beat$).pipe(catchError(() => EMPTY));
  }

  /** Returns a write that changes nothing if this lease is lost by then. */
  #write(write: Write<T>): Observable<Written> {
    return this.#record.write({
      ...write,
      base: this.#base,
      change: (now) => (this.#isVoid(now) ? null : write.change(now)),
    });
  }

  /** Writes the result of `refresh`. Unlike `#write`, this may write although the lease is lost: `change` of the caller decides. */
  #conclude(write: Write<T>): Observable<Written> {
    return this.#record.write({ ...write, base: this.#base, look: (now) => this.#compare(now) });
  }

  /**
   * Opens the tokens that an `update()` has written since the right to refresh was granted. If they still have the refresh token that
   * `refresh` presents, notes their generation in `#updated`.
   */
  #compare(now: StoredSession | null): Observable<unknown> {
    const granted = this.#granted;
    if (!granted || !now || now.generation === granted.generation || this.#isOvertaken(now)) return of(now);
    const open = ({ tokens }: StoredSession): Observable<T | null> => this.#record.access.open(tokens);
    return zip(open(granted), open(now)).pipe(
      tap(([before, current]) => {
        if (before?.refreshToken !== undefined && before.refreshToken === current?.refreshToken)
          this.#updated = now.generation;
      }),
    );
  }

  /**
   * Whether the record shows that the right to refresh is lost. An `update()` does not end it: it keeps the lease in the record, and under
   * the cell's lock only a sign-in, a sign-out or another holder's refresh counts.
   */
  #isVoid(now: StoredSession | null): boolean {
    return this.#isLocked ? this.#isOvertaken(now) : now?.lease?.by !== this.#record.id;
  }

  /** Whether somebody has signed in or out, or another holder has refreshed, since the right was granted. */
  #isOvertaken(now: StoredSession | null): boolean {
    const granted = this.#granted;
    return (
      (now?.owner ?? null) !== (granted?.owner ?? null) ||
      (now?.refreshed && now.generation !== granted?.generation) === true
    );
  }

  /** Whether the record still has the refresh token that was presented. */
  #isPresented(now: StoredSession | null): boolean {
    const generation = now?.generation;
    return !this.#isOvertaken(now) && (generation === this.#granted?.generation || generation === this.#updated);
  }

  #end(): void {
    if (this.#record.watcher === this) this.#record.watcher = null;
    this.#over$.next();
  }

  /** Adds the write to the queue at once, because the result of `refresh` must be stored even if nothing subscribes to the outcome. */
  #outcome(write$: Observable<Written>): Observable<CommitOutcome<T>> {
    const record = this.#record;
    let isGivenUp = false;
    const giveUp = (): void => {
      isGivenUp = true;
    };
    const told$ = write$.pipe(
      tap(({ record: now, isWritten }) => {
        // The session had been told that this write failed, and now it has ended after all: make the port read the record and tell the
        // session what it holds.
        if (isGivenUp) record.wake();
        else if (now && isWritten) record.told = { owner: now.owner, generation: now.generation };
      }),
    );
    return record.run(told$).pipe(
      tap({ error: giveUp, unsubscribe: giveUp }),
      concatMap(({ record: now, isWritten }): Observable<CommitOutcome<T>> =>
        isWritten
          ? of({ kind: 'committed' })
          : record.tellNews(now).pipe(map((stored) => ({ kind: 'overtaken', stored }))),
      ),
    );
  }
}
