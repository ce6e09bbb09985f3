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
import type { Draft, Write, Written } from './draft.ts';
import { randomId } from './random-id.ts';
import { SerialQueue } from './serial-queue.ts';
import type { SharedFailure, Stored } from './store-port.ts';
import type { StoredSession } from './stored-session.ts';
import type { TokenSet } from './token-set.ts';

/**
 * The owner and the generation of the tokens that the session has. It is replaced by a new object when the session is told of a write by
 * another holder (a session that shares the store), or changes its owner itself: code that waited compares the object to find out whether
 * that happened.
 */
export interface Told {
  /** `undefined` until the record has been read. */
  readonly owner: string | null | undefined;
  /** `NaN` while the session's tokens are not in the record. */
  generation: number;
  /** Whether a sign-in or sign-out is not written yet: until then the record shows an older state, which the session must ignore. */
  isPending?: boolean;
}

/**
 * The shortest delay before the second attempt, in milliseconds. Each delay is random: from 20 to 40, then from 40 to 80, and so on, but at
 * most a third of `leaseMs`.
 */
const FIRST_DELAY_MS = 20;

/** The record of a shared store as one holder has last seen it, how old it is, and what the holder's session knows of it. */
export class SharedRecord<T extends TokenSet> {
  /** Identifies this holder in leases and writes. */
  readonly id: string = randomId();
  readonly access: CellAccess<T>;
  readonly queue: SerialQueue = new SerialQueue();
  isClosed = false;
  told: Told = { owner: undefined, generation: NaN };
  /** Refreshed tokens that are not stored yet, and the owner of the tokens that they replace. */
  unsaved: { readonly tokens: T; readonly owner: string | null } | null = null;
  /** The lease in progress. It sees each record that is read or written, to notice that it is lost. */
  watcher: { see(now: StoredSession | null): void } | null = null;
  /** Called when the port must read the record, although the cell has not told of a change. */
  onWake: (() => void) | null = null;
  /** Ends the delay before the next attempt of all failed accesses. Created by the first of them, because most sessions have none. */
  #hurry$: Subject<void> | undefined;
  #writes = 0;
  /** When the record was last read or written, or its lock was granted. */
  #lookedAt = -Infinity;
  /** The newest version seen. */
  #version = 0;
  /** When the newest version seen (`#version`) was written, if this holder can tell; otherwise `-Infinity`. */
  #seenAt = -Infinity;
  /**
   * When the version last changed. Set to the present after a gap in which this machine may have slept: during sleep a living holder cannot
   * renew its lease, and must not count as dead.
   */
  #stillSince = 0;

  constructor(access: CellAccess<T>) {
    this.access = access;
  }

  read(overwrites?: boolean): Observable<StoredSession | null> {
    return this.access.read(overwrites).pipe(tap((record) => this.#note(record)));
  }

  /** Notes that the session changes its owner itself. The former owner's refresh ends by that, so its lease must not report a loss. */
  becomes(told: Told): void {
    this.told = told;
    this.watcher = null;
  }

  /**
   * Whether the session must be told of this record. A record older than one seen before is ignored, also if a lease was taken in it since:
   * the storage has lost a write. While `generation` is `NaN`, each generation is news.
   */
  isNews(record: StoredSession | null): boolean {
    const { owner, generation, isPending } = this.told;
    if (isPending || (record && record.version < this.#version)) return false;
    const current = record?.owner ?? null;
    return current !== owner || (current !== null && !((record?.generation ?? 0) <= generation));
  }

  /**
   * Opens the tokens of a record and emits its content for the session, which knows the record from then on. Emits nothing if, while the
   * tokens were opened, the session was told of a newer record or changed its owner.
   */
  tell(record: StoredSession | null): Observable<Stored<T>> {
    const before = this.told;
    const refresh = record?.refreshed && record.owner === before.owner && { refreshedAt: this.#writtenAt(record) };
    return this.access.open(record?.tokens ?? null).pipe(
      // What the session was told of meanwhile may be an older record, whose tokens took less time to open: then this one is still news.
      filter(() => this.told === before || this.isNews(record)),
      map((tokens) => {
        const owner = record?.owner ?? null;
        const reason = record ? record.reason : before.owner && 'elsewhere';
        this.told = { owner, generation: record?.generation ?? NaN };
        return { owner, tokens, ...(reason && { reason }), ...refresh };
      }),
    );
  }

  /** Does the same as `tell`, but emits `known` if the session has this record already, or receives it by `news$` meanwhile. */
  tellNews(record: StoredSession | null): Observable<Stored<T> | 'known'> {
    return this.isNews(record) ? this.tell(record).pipe(defaultIfEmpty('known' as const)) : of('known');
  }

  /** Returns the failure in a record if it is recent enough to count, with what is left of its `Retry-After`. */
  failureOf(record: StoredSession | null): SharedFailure | null {
    if (!record?.failed) return null;
    const { reason, retryAfterMs } = record.failed;
    const ageMs = asyncScheduler.now() - this.#writtenAt(record);
    return ageMs < this.#rememberMs(retryAfterMs) ? { reason, retryAfterMs: Math.max(retryAfterMs - ageMs, 0) } : null;
  }

  /** Replaces the record. Tries until that succeeds, `change` returns `null`, or `again` returns false. */
  write({ change, look, tokens, base, again, overwrites }: Write<T>): Observable<Written> {
    this.#writes += 1;
    const by = `${this.id}.${this.#writes}`;
    let first = base;
    let unsure: StoredSession | null | undefined;
    const swap = (record: StoredSession | null, draft: Draft): Observable<Written> => {
      const expected = record?.version ?? 0;
      // A record that is created may have been deleted before. Its version starts at the present time in ms, so that none occurs twice.
      const version = Math.floor(Math.max(expected > 0 ? expected : asyncScheduler.now(), this.#version)) + 1;
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
        // An earlier attempt threw, but has taken effect.
        if (record?.by === by) return of({ record, isWritten: true });
        const draft = change(record, unsure);
        if (!draft) return of({ record, isWritten: false });
        if (!tokens) return swap(record, draft);
        return this.access.seal(tokens).pipe(concatMap((sealed) => swap(record, { ...draft, tokens: sealed })));
      }),
      this.trying(again),
    );
  }

  /**
   * Tries again with growing delays while `again` returns true. An access that waits for its next attempt when the port is closed is tried
   * once more, at once; one that fails after that is not tried again.
   */
  trying<R>(again: (failures: number) => boolean = () => true): MonoTypeOperatorFunction<R> {
    return retry({
      delay: (error: unknown, failures) => {
        if (this.isClosed || !again(failures)) return throwError(() => error);
        const delay = Math.min(FIRST_DELAY_MS * 2 ** failures, this.access.setup.leaseMs / 3);
        return merge(timer(delay * (1 - Math.random() / 2)), (this.#hurry$ ??= new Subject()));
      },
    });
  }

  /**
   * Adds an access (a read or a write) to the queue now and limits the wait for it. If the wait takes too long, the result errors with the
   * last failure of the storage, if there was one; the access itself goes on.
   */
  run<R>(work$: Observable<R>): Observable<R> {
    return this.queue.add(work$).pipe(
      withTimeout(this.access.context.storeTimeoutMs),
      catchError((error: unknown) => throwError(() => this.access.lastError ?? error)),
    );
  }

  /** Makes the port read the record, and failed accesses try again now. */
  wake(): void {
    this.onWake?.();
    this.hurry();
  }

  /** Makes failed accesses try again now, because the session waits for the store. */
  hurry(): void {
    this.#hurry$?.next();
  }

  /** Notes that this holder watches the record at this moment, so that it can tell when the next change happens. */
  noteWatched(): void {
    const now = asyncScheduler.now();
    const gapMs = now - this.#lookedAt;
    // After a gap this machine may have slept, and the holder of the lease with it, or its clock was set: count the lease anew. A gap of
    // less than half a lease does no harm, because a holder that is alive changes the record during the other half.
    if (gapMs < 0 || gapMs > this.access.setup.leaseMs / 2) this.#stillSince = now;
    this.#lookedAt = now;
  }

  #note(record: StoredSession | null): void {
    const now = asyncScheduler.now();
    if (record && record.version > this.#version) {
      // If this holder has not looked at the record for longer than `withinMs`, it cannot tell when the record changed. It must not take an
      // old failure for a recent one, which would fail requests without a refresh.
      const withinMs = this.#rememberMs(record.failed?.retryAfterMs) + this.access.setup.leaseMs;
      this.#seenAt = now - this.#lookedAt < withinMs ? now : -Infinity;
      this.#version = record.version;
      this.#stillSince = now;
    }
    this.noteWatched();
    this.watcher?.see(record);
  }

  /** How long this holder has seen the record unchanged, by its own clock. A lease that is unchanged for its `forMs` has a dead holder. */
  get stillMs(): number {
    return asyncScheduler.now() - this.#stillSince;
  }

  /** Returns when the record was written, in epoch milliseconds; `-Infinity` if this holder cannot tell. */
  #writtenAt(record: StoredSession): number {
    // If the clock was set back, the time is unknown: a failure would otherwise count until the clock has caught up.
    return record.version === this.#version && this.#seenAt <= asyncScheduler.now() ? this.#seenAt : -Infinity;
  }

  /** Returns how long all holders remember the outcome of a refresh, in milliseconds. */
  #rememberMs(retryAfterMs = 0): number {
    return Math.max(retryAfterMs, this.access.context.minRefreshIntervalMs);
  }
}
