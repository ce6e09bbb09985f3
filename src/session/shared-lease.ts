import {
  AsyncSubject,
  catchError,
  concatMap,
  EMPTY,
  exhaustMap,
  finalize,
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
import type { SharedRecord, Told, Write, Written } from './shared-record.ts';
import type { CommitOutcome, RefreshLease, SharedFailure, Stored } from './store-port.ts';
import type { StoredSession } from './stored-session.ts';
import type { TokenSet } from './token-set.ts';

/** For a write that others can do without: they wait until the lease is over. */
export const fewTimes = (failures: number): boolean => failures < 5;

/** The right to refresh, by a lease in the record that is kept alive by beats, or by the cell's own lock. */
export class SharedLease<T extends TokenSet> implements RefreshLease<T> {
  readonly lost$: Observable<Stored<T> | 'known'>;
  readonly #record: SharedRecord<T>;
  readonly #told: Told;
  readonly #presented: string | undefined;
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
    this.#told = record.told;
    this.#presented = record.told.refreshToken;
    this.#granted = granted;
    this.#base = granted;
    this.#isLocked = isLocked;
    const lost$ = new AsyncSubject<StoredSession | null>();
    this.lost$ = lost$.pipe(
      concatMap((now) => record.tellNews(now, this.#told)),
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
    return this.#attempt(
      {
        first: this.#first,
        tokens,
        again: () => record.unsaved === tokens,
        change: (now) =>
          record.unsaved === tokens && !this.#isPast(now)
            ? { ...nextGeneration(now), owner: now?.owner ?? owner, refreshed: true }
            : null,
      },
      tokens,
    );
  }

  refuse(): Observable<CommitOutcome<T>> {
    this.#end();
    const refused$ = this.#attempt(
      {
        again: () => true,
        change: (now) =>
          // An update leaves the lease. Its tokens were presented only if it brought no other refresh token. A holder that has taken over may
          // have presented that one first.
          (now?.lease && this.#isVoid(now)) || this.#isOvertaken(now) || !this.#isPresented(now)
            ? null
            : { ...nextGeneration(now), reason: 'expired' },
      },
      null,
    );
    return refused$.pipe(finalize(() => this.#giveBack()));
  }

  /** Writes, and once more where the session is told of an update that makes no difference: it has the refresh token that was presented. */
  #attempt(write: Write<T>, unsaved: T | null): Observable<CommitOutcome<T>> {
    const record = this.#record;
    record.unsaved = unsaved;
    const forget = (): void => {
      if (record.unsaved === unsaved) record.unsaved = null;
    };
    const write$ = record.write(write).pipe(
      tap(({ record: now }) => (this.#base = now)),
      finalize(forget),
    );
    return this.#outcome(write$, unsaved?.refreshToken).pipe(
      concatMap((commit) => {
        if (commit.kind === 'committed' || commit.stored === 'known') return of(commit);
        record.unsaved = unsaved;
        if (write.change(this.#base)) return this.#attempt({ ...write, first: this.#first }, unsaved);
        forget();
        return of(commit);
      }),
    );
  }

  fail(failed: SharedFailure): Observable<void> {
    const record = this.#record;
    this.#end();
    const write$ = record.write({
      first: this.#first,
      again: fewTimes,
      change: (now) => (this.#isVoid(now) ? null : { ...withoutLease(now), failed }),
    });
    const noted$ = write$.pipe(
      map(({ record: now, isWritten }) => {
        if (now && isWritten) record.noteFailure(now);
      }),
    );
    return record.run(noted$).pipe(catchError(() => of(undefined)));
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
    return this.#isLocked ? this.#isOvertaken(now) : now?.lease?.by !== this.#record.id;
  }

  /** Whether tokens that were refreshed under this lease are of no use. Not where the lease alone is lost: what they replace is spent. */
  #isPast(now: StoredSession | null): boolean {
    if (!this.#isVoid(now)) return false;
    const isMoved = now?.generation !== this.#granted?.generation;
    return this.#isOvertaken(now) || (isMoved && !(this.#presented !== undefined && this.#isPresented(now)));
  }

  /** Whether this is what the session knows, with the refresh token that it has presented. */
  #isPresented(now: StoredSession | null): boolean {
    const { told } = this.#record;
    return now?.generation === told.generation && told.refreshToken === this.#presented;
  }

  #isOvertaken(now: StoredSession | null): boolean {
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
  #outcome(write$: Observable<Written>, refreshToken?: string): Observable<CommitOutcome<T>> {
    const record = this.#record;
    let isGivenUp = false;
    const giveUp = (): void => {
      isGivenUp = true;
    };
    const told$ = write$.pipe(
      tap(({ record: now, isWritten }) => {
        // Stored after the session had been told that it could not be: that is news for it.
        if (isGivenUp) record.wake();
        else if (now && isWritten) record.told = { owner: now.owner, generation: now.generation, refreshToken };
      }),
    );
    return record.run(told$).pipe(
      tap({ error: giveUp, unsubscribe: giveUp }),
      concatMap(({ record: now, isWritten }): Observable<CommitOutcome<T>> =>
        isWritten
          ? of({ kind: 'committed' })
          : record.tellNews(now, this.#told).pipe(map((stored) => ({ kind: 'overtaken', stored }))),
      ),
    );
  }
}
