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
} from 'rxjs';
import { withTimeout } from './with-timeout.ts';
import { nextGeneration, withoutLease } from './draft.ts';
import type { SharedRecord, Written } from './shared-record.ts';
import type { CommitOutcome, RefreshLease, SharedFailure, Stored } from './store-port.ts';
import type { StoredSession } from './stored-session.ts';
import type { TokenSet } from './token-set.ts';

/** For a write that others can do without: they wait until the lease is over. */
export const fewTimes = (failures: number): boolean => failures < 5;

/** The right to refresh, by a lease in the record that is kept alive by beats, or by the cell's own lock. */
export class SharedLease<T extends TokenSet> implements RefreshLease<T> {
  readonly lost$: Observable<Stored<T> | 'known'>;
  readonly #record: SharedRecord<T>;
  readonly #isLocked: boolean;
  readonly #over$ = new Subject<void>();
  readonly #watch: (now: StoredSession | null) => void;
  readonly #granted: StoredSession | null;
  /** What the record is believed to be by now. */
  #base: StoredSession | null;
  #isOver = false;
  readonly #first = (): StoredSession | null => this.#base;

  constructor(record: SharedRecord<T>, granted: StoredSession | null, isLocked: boolean) {
    this.#record = record;
    this.#granted = granted;
    this.#base = granted;
    this.#isLocked = isLocked;
    const lost$ = new AsyncSubject<StoredSession | null>();
    this.lost$ = lost$.pipe(
      concatMap((now) => record.tellNews(now)),
      catchError(() => EMPTY),
    );
    this.#watch = (now) => {
      this.#base = now;
      if (!this.#isVoid(now)) return;
      this.#end();
      lost$.next(now);
      lost$.complete();
    };
    record.watch = this.#watch;
    if (isLocked) return;
    const beatMs = record.access.setup.leaseMs / 3;
    timer(beatMs, beatMs)
      .pipe(
        exhaustMap(() => this.#beat(beatMs)),
        takeUntil(this.#over$),
      )
      .subscribe();
  }

  commit(owner: string, tokens: T): Observable<CommitOutcome<T>> {
    const record = this.#record;
    this.#end();
    const unsaved = { tokens, owner: this.#granted?.owner ?? null };
    record.unsaved = unsaved;
    const write$ = record.write({
      first: this.#first,
      tokens,
      again: () => record.unsaved === unsaved,
      change: (now) =>
        record.unsaved === unsaved && !this.#isVoid(now)
          ? { ...nextGeneration(now), owner: now?.owner ?? owner, refreshed: true }
          : null,
    });
    const saved$ = write$.pipe(
      tap(({ record: now, isWritten }) => {
        // Those that another owner has overtaken are kept: the session revokes them when it hears of that owner.
        if (record.unsaved === unsaved && (isWritten || now?.owner === unsaved.owner)) record.unsaved = null;
      }),
    );
    return this.#outcome(saved$);
  }

  refuse(): Observable<CommitOutcome<T>> {
    this.#end();
    const write$ = this.#record.write({
      first: this.#first,
      again: () => true,
      change: (now) =>
        // An update leaves the lease, but its tokens were not presented.
        this.#isVoid(now) || now?.generation !== this.#granted?.generation
          ? null
          : { ...nextGeneration(now), reason: 'expired' },
    });
    return this.#outcome(
      write$.pipe(
        tap(({ record: now, isWritten }) => {
          this.#base = now;
          if (!isWritten) this.#giveBack();
        }),
      ),
    );
  }

  fail(failed: SharedFailure): Observable<void> {
    this.#end();
    const write$ = this.#record.write({
      first: this.#first,
      again: fewTimes,
      change: (now) => (this.#isVoid(now) ? null : { ...withoutLease(now), failed }),
    });
    return this.#record.run(write$).pipe(
      catchError(() => of(undefined)),
      map(() => undefined),
    );
  }

  /** Gives the lease back, unless the result of the refresh has replaced it, or this holder's next turn has taken it over already. */
  release(): void {
    if (this.#isOver) return;
    const isTakenOver = this.#record.watch !== this.#watch;
    this.#end();
    if (!isTakenOver) this.#giveBack();
  }

  #giveBack(): void {
    if (this.#isLocked) return;
    const release$ = this.#record.write({
      first: this.#first,
      again: fewTimes,
      change: (now) => (this.#isVoid(now) ? null : withoutLease(now)),
    });
    void this.#record.queue.add(release$);
  }

  /** A beat that does not get through in time makes room for the next one. */
  #beat(beatMs: number): Observable<unknown> {
    const beat$ = this.#record.write({
      first: this.#first,
      again: () => true,
      change: (now) => (this.#isVoid(now) ? null : now),
    });
    return this.#record.queue
      .add(
        beat$.pipe(
          tap(({ record: now, isWritten }) => {
            if (isWritten) this.#base = now;
          }),
          withTimeout(beatMs),
          takeUntil(this.#over$),
        ),
      )
      .pipe(catchError(() => EMPTY));
  }

  /** Whether another holder has written what ends this refresh. An update does not: it leaves the lease where it is. */
  #isVoid(now: StoredSession | null): boolean {
    if (!this.#isLocked) return now?.lease?.by !== this.#record.id;
    const granted = this.#granted;
    return (
      (now?.owner ?? null) !== (granted?.owner ?? null) ||
      (now?.refreshed && now.generation !== granted?.generation) === true
    );
  }

  #end(): void {
    this.#isOver = true;
    if (this.#record.watch === this.#watch) this.#record.watch = null;
    this.#over$.next();
  }

  /** Adds the write to the queue at once: what a server has answered must be stored, whether or not anybody listens. */
  #outcome(write$: Observable<Written>): Observable<CommitOutcome<T>> {
    const record = this.#record;
    let isGivenUp = false;
    const giveUp = (): void => {
      isGivenUp = true;
    };
    const told$ = write$.pipe(
      tap(({ record: now, isWritten }) => {
        // Stored after the session had been told that it could not be: that is news for it.
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
