import {
  asyncScheduler,
  catchError,
  concatMap,
  defaultIfEmpty,
  defer,
  filter,
  map,
  merge,
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
import { type StoredSession, StoredSessionError } from './stored-session.ts';
import type { TokenSet } from './token-set.ts';

export interface Write<T extends TokenSet> {
  /**
   * Makes the new record from the current one, or gives `null` if there is nothing to write any more. `unsure` is what an earlier
   * attempt wanted to replace, if that attempt threw and may have taken effect.
   */
  change(now: StoredSession | null, unsure?: StoredSession | null): Draft | null;
  /** Take the place of the draft's tokens. */
  readonly tokens?: T;
  /** What the record is believed to be when the write starts. Without it, the record is read first. */
  first?(): StoredSession | null;
  /** Whether to try again after so many failures. */
  again(failures: number): boolean;
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
  /** What the session presents when it refreshes. */
  refreshToken?: string | undefined;
  /** The session has changed its owner itself, and the store is not told yet. What was read before that is older. */
  isPending?: boolean;
}

/** The wait before the second attempt is twice as long; it doubles each time. */
const FIRST_DELAY_MS = 20;

/**
 * The record in the cell as one holder knows it, and what its session knows of it. A class, because a gateway has one for each person
 * who is signed in.
 */
export class SharedRecord<T extends TokenSet> {
  readonly id: string = randomId();
  readonly access: CellAccess<T>;
  readonly queue: SerialQueue = new SerialQueue();
  isClosed = false;
  told: Told = { owner: undefined, generation: NaN };
  /** Tokens that were refreshed and are not stored yet. */
  unsaved: T | null = null;
  /** Is called with each record that was read. */
  watch: ((now: StoredSession | null) => void) | null = null;
  readonly #wake$ = new Subject<void>();
  #version = 0;
  #writes = 0;
  #lookedAt = -Infinity;
  /** The version whose `failed` this holder has seen, and when it saw it. */
  #failure: { readonly version: number; readonly at: number } | null = null;

  constructor(access: CellAccess<T>) {
    this.access = access;
  }

  read(): Observable<StoredSession | null> {
    return this.access.read().pipe(tap((record) => this.#note(record)));
  }

  /** The session changes its owner itself. A refresh for the former one ends with that, and must not end before as a lost one. */
  becomes(told: Told): void {
    this.told = told;
    this.watch = null;
  }

  /** Whether the session does not know this record yet. A record older than the known one is no news: the engine has lost a write. */
  isNews(record: StoredSession | null): boolean {
    const { owner, generation, isPending } = this.told;
    if (isPending || (record && record.version < this.#version)) return false;
    const current = record?.owner ?? null;
    return current !== owner || (current !== null && record?.generation !== generation);
  }

  /**
   * Tells the session of a record, unless the session changes its owner meanwhile. `since`: what the session knew when this holder began
   * to watch the record, if it did.
   */
  tell(record: StoredSession | null, since?: Told): Observable<Stored<T>> {
    const before = this.told;
    return this.access.open(record?.tokens ?? null).pipe(
      filter(() => this.told === before),
      map((tokens) => {
        const owner = record?.owner ?? null;
        const generation = record?.generation ?? NaN;
        const isNew = record?.refreshed && owner === since?.owner && generation === since.generation + 1;
        const reason = record ? record.reason : before.owner && 'elsewhere';
        this.told = { owner, generation, refreshToken: tokens?.refreshToken };
        return { owner, tokens, ...(reason && { reason }), ...(isNew && { isNew }) };
      }),
    );
  }

  /** The same for a session that may know this record already, or hears of it by `news$` meanwhile: then it emits `null`. */
  tellNews(record: StoredSession | null, since?: Told): Observable<Stored<T> | 'known'> {
    return this.isNews(record) ? this.tell(record, since).pipe(defaultIfEmpty('known' as const)) : of('known');
  }

  /** What still counts of the failure in a record. */
  failureOf(record: StoredSession | null): SharedFailure | null {
    if (!record?.failed || record.version !== this.#failure?.version) return null;
    const { reason, retryAfterMs } = record.failed;
    const elapsed = asyncScheduler.now() - this.#failure.at;
    return elapsed >= 0 && elapsed < this.#rememberMs(retryAfterMs)
      ? { reason, retryAfterMs: Math.max(retryAfterMs - elapsed, 0) }
      : null;
  }

  /** Notes that this holder has seen the failure in a record happen. */
  noteFailure(record: StoredSession, at: number = asyncScheduler.now()): void {
    this.#failure = { version: record.version, at };
  }

  /** Replaces the record: again and again, until that has succeeded, has become pointless, or is not worth another attempt. */
  write({ change, tokens, first, again, overwrites }: Write<T>): Observable<Written> {
    this.#writes += 1;
    const by = `${this.id}.${this.#writes}`;
    let isFirst = true;
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
          this.#version = version;
          return { record: next, isWritten: true };
        }),
      );
    };
    return defer(() => {
      if (isFirst && first) return of(first());
      return overwrites ? this.read().pipe(catchError(replaceable)) : this.read();
    }).pipe(
      concatMap((record) => {
        isFirst = false;
        // An attempt that seemed to fail has taken effect.
        if (record?.by === by) return of({ record, isWritten: true });
        const draft = change(record, unsure);
        if (!draft) return of({ record, isWritten: false });
        if (!tokens) return swap(record, draft);
        return this.access.seal(tokens).pipe(concatMap((sealed) => swap(record, { ...draft, tokens: sealed })));
      }),
      retry({
        delay: (error: unknown, failures) => {
          if (this.isClosed || !again(failures)) return throwError(() => error);
          const delay = Math.min(FIRST_DELAY_MS * 2 ** failures, this.access.setup.leaseMs / 3);
          return merge(timer(delay * (1 - Math.random() / 2)), this.#wake$);
        },
      }),
    );
  }

  /** Adds a work to the queue now, and bounds the wait for it. If that is too long, the error is what has failed last. */
  run<R>(work$: Observable<R>): Observable<R> {
    return this.queue.add(work$).pipe(
      withTimeout(this.access.context.storeTimeoutMs),
      catchError((error: unknown) => throwError(() => this.access.lastError ?? error)),
    );
  }

  /** Emits when the port is to look at the record. */
  get woken$(): Observable<void> {
    return this.#wake$;
  }

  /** Lets the port look at the record, and a write that waits for its next attempt try now. */
  wake(): void {
    this.#wake$.next();
  }

  /** The same, but only if works wait: somebody needs the store. */
  wakeIfBusy(): void {
    if (this.queue.isBusy) this.wake();
  }

  #note(record: StoredSession | null): void {
    const now = asyncScheduler.now();
    if (record) {
      this.#version = Math.max(this.#version, record.version);
      if (record.failed && record.version !== this.#failure?.version) {
        // A holder that has not looked for long cannot tell how old the failure is; it may be yesterday's.
        const isRecent =
          now - this.#lookedAt < this.#rememberMs(record.failed.retryAfterMs) + this.access.setup.leaseMs;
        this.noteFailure(record, isRecent ? now : -Infinity);
      }
    }
    this.#lookedAt = now;
    this.watch?.(record);
  }

  #rememberMs(retryAfterMs: number): number {
    return Math.max(retryAfterMs, this.access.context.minRefreshIntervalMs);
  }
}

/** Lets a sign-in replace what is no record, but not a record of a newer schema. */
function replaceable(error: unknown): Observable<StoredSession> {
  return error instanceof StoredSessionError && error.version !== undefined
    ? of({ schema: 1, version: error.version, owner: null, generation: 0, tokens: null, by: '-' })
    : throwError(() => error);
}
