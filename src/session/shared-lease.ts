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
import type { SharedRecord, Write, Written } from './shared-record.ts';
import type { CommitOutcome, RefreshLease, SharedFailure, Stored } from './store-port.ts';
import type { StoredSession } from './stored-session.ts';
import type { TokenSet } from './token-set.ts';

/** For a write that others can do without: they wait until the lease is over. */
export const fewTimes = (failures: number): boolean => failures < 5;

/** The right to refresh, by a lease in the record that is kept alive by beats, or by the cell's own lock. */
export class SharedLease<T extends TokenSet> implements RefreshLease<T> {
  readonly #record: SharedRecord<T>;
  readonly #isLocked: boolean;
  readonly #over$ = new Subject<void>();
  readonly #lost$ = new AsyncSubject<StoredSession | null>();
  readonly #granted: StoredSession | null;
  /** What the record is believed to be by now. */
  #base: StoredSession | null;

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
    this.#end();
    record.unsaved = unsaved;
    const isWanted = (): boolean => record.unsaved === unsaved;
    const saved$ = this.#write({
      tokens,
      again: isWanted,
      change: (now) => (isWanted() ? { ...nextGeneration(now), owner: now?.owner ?? owner, refreshed: true } : null),
    }).pipe(
      tap(({ record: now, isWritten }) => {
        // Those that another owner has overtaken are kept: the session revokes them when it hears of that owner.
        if (isWanted() && (isWritten || now?.owner === unsaved.owner)) record.unsaved = null;
      }),
    );
    return this.#outcome(saved$);
  }

  refuse(): Observable<CommitOutcome<T>> {
    this.#end();
    const emptied$ = this.#write({
      // An update leaves the lease, but its tokens were not presented.
      change: (now) =>
        now?.generation === this.#granted?.generation ? { ...nextGeneration(now), reason: 'expired' } : null,
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
    const noted$ = this.#write({ again: fewTimes, change: (now) => ({ ...withoutLease(now), failed }) });
    return this.#record.run(noted$).pipe(
      catchError(() => of(undefined)),
      map(() => undefined),
    );
  }

  /** Gives the lease back, unless the result of the refresh has replaced it, or this holder's next turn has taken it over already. */
  release(): void {
    const isHeld = this.#record.watcher === this;
    this.#end();
    if (isHeld) this.#giveBack();
  }

  #giveBack(): void {
    if (!this.#isLocked) void this.#record.queue.add(this.#write({ again: fewTimes, change: withoutLease }));
  }

  /** A beat that does not get through in time makes room for the next one. */
  #beat(beatMs: number): Observable<unknown> {
    const beat$ = this.#write({ change: (now) => now }).pipe(withTimeout(beatMs), takeUntil(this.#over$));
    return this.#record.queue.add(beat$).pipe(catchError(() => EMPTY));
  }

  /** A write that is void as soon as this lease is. */
  #write(write: Write<T>): Observable<Written> {
    return this.#record.write({
      ...write,
      base: this.#base,
      change: (now) => (this.#isVoid(now) ? null : write.change(now)),
    });
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
    if (this.#record.watcher === this) this.#record.watcher = null;
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
