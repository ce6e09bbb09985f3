import {
  asyncScheduler,
  catchError,
  concatMap,
  defaultIfEmpty,
  defer,
  filter,
  map,
  merge,
  type MonoTypeOperatorFunction,
  type Observable,
  of,
  retry,
  Subject,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { withTimeout } from './with-timeout.ts';
import type { CellAccess } from './cell-access.ts';
import type { Draft } from './draft.ts';
import { randomId } from './random-id.ts';
import { SerialQueue } from './serial-queue.ts';
import type { SharedFailure, Stored } from './store-port.ts';
import type { StoredSession } from './stored-session.ts';
import type { TokenSet } from './token-set.ts';

export interface Write<T extends TokenSet> {
  /**
   * Makes the new record from the current one, or gives `null` if there is nothing to write any more. `unsure` is what an earlier
   * attempt wanted to replace, if that attempt threw and may have taken effect.
   */
  change(now: StoredSession | null, unsure?: StoredSession | null): Draft | null;
  /** Is waited for before each `change`, with the same record. */
  look?(now: StoredSession | null): Observable<unknown>;
  /** Take the place of the draft's tokens. */
  readonly tokens?: T;
  /** What the record is believed to be. Without it, the record is read first. */
  readonly base?: StoredSession | null;
  /** Whether to try again after so many failures. Without it: until it succeeds. */
  again?(failures: number): boolean;
  /** Also replaces what cannot be read. */
  readonly overwrites?: boolean;
}

/** What became of a write: the record that it made, or the record because of which there was nothing to write. */
export interface Written {
  readonly record: StoredSession | null;
  readonly isWritten: boolean;
}

/**
 * The owner and the generation that the session has in force. `undefined`: it knows nothing yet; `NaN`: tokens that are not stored yet.
 * Another object takes its place when the session is told of another holder's write, or changes its owner itself.
 */
export interface Told {
  readonly owner: string | null | undefined;
  generation: number;
  /** The session has changed its owner itself, and the store is not told yet. What was read before that is older. */
  isPending?: boolean;
}

/** The wait before the second attempt is twice as long; it doubles each time. */
const FIRST_DELAY_MS = 20;

/** The record in the cell as one holder knows it, and what its session knows of it. A class: a gateway has one for each person. */
export class SharedRecord<T extends TokenSet> {
  readonly id: string = randomId();
  readonly access: CellAccess<T>;
  readonly queue: SerialQueue = new SerialQueue();
  isClosed = false;
  told: Told = { owner: undefined, generation: NaN };
  /** Tokens that were refreshed and are not stored, and whose the ones were that they replace. */
  unsaved: { readonly tokens: T; readonly owner: string | null } | null = null;
  /** Is shown each record that was read or written. */
  watcher: { see(now: StoredSession | null): void } | null = null;
  /** Lets failed works try again now; `true`: the port is to look at the record as well. */
  readonly #wake$ = new Subject<boolean>();
  #writes = 0;
  #lookedAt = -Infinity;
  /** The newest version, and when this holder saw that it was new; long ago, if it cannot tell. */
  #version = 0;
  #seenAt = -Infinity;
  #stillSince = 0;

  constructor(access: CellAccess<T>) {
    this.access = access;
  }

  read(overwrites?: boolean): Observable<StoredSession | null> {
    return this.access.read(overwrites).pipe(tap((record) => this.#note(record)));
  }

  /** The session changes its owner itself. A refresh for the former one ends with that, and must not end before as a lost one. */
  becomes(told: Told): void {
    this.told = told;
    this.watcher = null;
  }

  /** Whether the session does not know this record yet. A record older than the known one is no news: the engine has lost a write. */
  isNews(record: StoredSession | null): boolean {
    const { owner, generation, isPending } = this.told;
    if (isPending || (record && record.version < this.#version)) return false;
    const current = record?.owner ?? null;
    return current !== owner || (current !== null && record?.generation !== generation);
  }

  /** Tells the session of a record, unless the session changes its owner meanwhile. */
  tell(record: StoredSession | null): Observable<Stored<T>> {
    const before = this.told;
    const isNew = record?.refreshed && record.owner === before.owner && this.#ageOf(record) < this.#rememberMs();
    return this.access.open(record?.tokens ?? null).pipe(
      filter(() => this.told === before),
      map((tokens) => {
        const owner = record?.owner ?? null;
        const reason = record ? record.reason : before.owner && 'elsewhere';
        this.told = { owner, generation: record?.generation ?? NaN };
        return { owner, tokens, ...(reason && { reason }), ...(isNew && { isNew }) };
      }),
    );
  }

  /** The same for a session that may know this record already, or hears of it by `news$` meanwhile: then it emits `known`. */
  tellNews(record: StoredSession | null): Observable<Stored<T> | 'known'> {
    return this.isNews(record) ? this.tell(record).pipe(defaultIfEmpty('known' as const)) : of('known');
  }

  /** What still counts of the failure in a record. */
  failureOf(record: StoredSession | null): SharedFailure | null {
    if (!record?.failed) return null;
    const { reason, retryAfterMs } = record.failed;
    const ageMs = this.#ageOf(record);
    return ageMs < this.#rememberMs(retryAfterMs) ? { reason, retryAfterMs: Math.max(retryAfterMs - ageMs, 0) } : null;
  }

  /** Replaces the record: again and again, until that has succeeded, has become pointless, or is not worth another attempt. */
  write({ change, look, tokens, base, again, overwrites }: Write<T>): Observable<Written> {
    this.#writes += 1;
    const by = `${this.id}.${this.#writes}`;
    let first = base;
    let unsure: StoredSession | null | undefined;
    const swap = (record: StoredSession | null, draft: Draft): Observable<Written> => {
      const expected = record?.version ?? 0;
      // A record that is made anew may have had a predecessor that this holder never saw: its version must not come back.
      const version = Math.max(expected === 0 ? asyncScheduler.now() : expected, this.#version) + 1;
      const next: StoredSession = { ...draft, schema: 1, version, by };
      const unsureBefore = unsure;
      unsure = record;
      return this.access.swap(expected, next).pipe(
        map((isDone) => {
          if (!isDone) {
            unsure = unsureBefore;
            throw new Error('Another holder has replaced the record.');
          }
          this.noteWatched();
          this.#note(next);
          return { record: next, isWritten: true };
        }),
      );
    };
    return defer(() => (first === undefined ? this.read(overwrites) : of(first))).pipe(
      concatMap((record) => look?.(record).pipe(map(() => record)) ?? of(record)),
      concatMap((record) => {
        first = undefined;
        // An attempt that seemed to fail has taken effect.
        if (record?.by === by) return of({ record, isWritten: true });
        const draft = change(record, unsure);
        if (!draft) return of({ record, isWritten: false });
        if (!tokens) return swap(record, draft);
        return this.access.seal(tokens).pipe(concatMap((sealed) => swap(record, { ...draft, tokens: sealed })));
      }),
      this.trying(again),
    );
  }

  /** Tries again while `again` says so, waiting longer and longer, until the port is closed: then once more. */
  trying<R>(again: (failures: number) => boolean = () => true): MonoTypeOperatorFunction<R> {
    return retry({
      delay: (error: unknown, failures) => {
        if (this.isClosed || !again(failures)) return throwError(() => error);
        const delay = Math.min(FIRST_DELAY_MS * 2 ** failures, this.access.setup.leaseMs / 3);
        return merge(timer(delay * (1 - Math.random() / 2)), this.#wake$);
      },
    });
  }

  /** Adds a work to the queue now, and bounds the wait for it. If that is too long, the error is what has failed last. */
  run<R>(work$: Observable<R>): Observable<R> {
    return this.queue.add(work$).pipe(
      withTimeout(this.access.context.storeTimeoutMs),
      catchError((error: unknown) => throwError(() => this.access.lastError ?? error)),
    );
  }

  /** Emits `true` when the port is to look at the record; anything when it has been closed. */
  get woken$(): Observable<boolean> {
    return this.#wake$;
  }

  /** Lets the port look at the record. */
  wake(): void {
    this.#wake$.next(true);
  }

  /** Lets a write that waits for its next attempt try now: somebody needs the store. */
  hurry(): void {
    this.#wake$.next(false);
  }

  /** What has changed since the last look has changed just now: this holder would have seen it before. */
  noteWatched(): void {
    const now = asyncScheduler.now();
    const gapMs = now - this.#lookedAt;
    // This machine may have slept, and the holder of the lease with it; or its clock was set. The wait begins anew. A jump by less than
    // half a lease does no harm: a holder that is alive moves the record during the other half.
    if (gapMs < 0 || gapMs > this.access.setup.leaseMs / 2) this.#stillSince = now;
    this.#lookedAt = now;
  }

  #note(record: StoredSession | null): void {
    const now = asyncScheduler.now();
    if (record && record.version > this.#version) {
      // A holder that has not looked for long cannot tell how old a change is; it may be yesterday's.
      const withinMs = this.#rememberMs(record.failed?.retryAfterMs) + this.access.setup.leaseMs;
      this.#seenAt = now - this.#lookedAt < withinMs ? now : -Infinity;
      this.#version = record.version;
      this.#stillSince = now;
    }
    this.noteWatched();
    this.watcher?.see(record);
  }

  /** For how long the record has stood still, as far as this holder has seen. No clocks are compared. */
  get stillMs(): number {
    return asyncScheduler.now() - this.#stillSince;
  }

  /** How long ago this holder saw that a record was new. */
  #ageOf(record: StoredSession): number {
    const ageMs = record.version === this.#version ? asyncScheduler.now() - this.#seenAt : Infinity;
    // A negative age shows that the clock was set back.
    return ageMs < 0 ? Infinity : ageMs;
  }

  /** How long the end of a refresh counts, for all holders. */
  #rememberMs(retryAfterMs = 0): number {
    return Math.max(retryAfterMs, this.access.context.minRefreshIntervalMs);
  }
}
