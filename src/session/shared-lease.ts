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
  /** The generation of an update that has left the refresh token as it was granted. */
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
    const saved$ = this.#conclude({
      tokens,
      again: isWanted,
      // Also where nothing but the lease is lost: the refresh token in the record has been spent.
      change: (now) =>
        isWanted() && (!this.#isVoid(now) || this.#isPresented(now))
          ? { ...nextGeneration(now), owner: now?.owner ?? owner, refreshed: true }
          : null,
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
    const emptied$ = this.#conclude({
      // A holder that has the lease by now may have presented the refresh token first, and been given another.
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

  /** A write of what the server has answered. The lease may be lost by then, and updates may have come. */
  #conclude(write: Write<T>): Observable<Written> {
    return this.#record.write({ ...write, base: this.#base, look: (now) => this.#compare(now) });
  }

  /** Opens tokens that an update has brought, to see whether their refresh token is another one. */
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

  /** Whether another holder has written what ends this refresh. An update does not: it leaves the lease where it is. */
  #isVoid(now: StoredSession | null): boolean {
    return this.#isLocked ? this.#isOvertaken(now) : now?.lease?.by !== this.#record.id;
  }

  /** Whether somebody has signed in or out since, or another holder has refreshed. */
  #isOvertaken(now: StoredSession | null): boolean {
    const granted = this.#granted;
    return (
      (now?.owner ?? null) !== (granted?.owner ?? null) ||
      (now?.refreshed && now.generation !== granted?.generation) === true
    );
  }

  /** Whether a record has the refresh token that was presented. */
  #isPresented(now: StoredSession | null): boolean {
    const generation = now?.generation;
    return !this.#isOvertaken(now) && (generation === this.#granted?.generation || generation === this.#updated);
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
