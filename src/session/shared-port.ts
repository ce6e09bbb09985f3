import { catchError, concatMap, defer, EMPTY, ignoreElements, Observable, of, type Subscriber, tap } from 'rxjs';
import { CellAccess, type SharedStoreSetup } from './cell-access.ts';
import { nextGeneration, type Write } from './draft.ts';
import { SharedRecord, type Told } from './shared-record.ts';
import { sharedTurn } from './shared-turn.ts';
import type { PortContext, RefreshTurn, Stored, StorePort } from './store-port.ts';
import type { StoredSession } from './stored-session.ts';
import type { TokenSet } from './token-set.ts';

/** Connects one holder (a session that shares the store with others) to a shared store. */
export class SharedPort<T extends TokenSet> implements StorePort<T> {
  readonly #record: SharedRecord<T>;
  /**
   * `#heard` counts the notifications that the record may have changed. `#seen` is that count when the last read began whose record
   * was told: if both are equal, another read would show nothing new.
   */
  #heard = 0;
  #seen = 0;
  #listener: Subscriber<Stored<T>> | undefined;

  constructor(setup: SharedStoreSetup, context: PortContext) {
    this.#record = new SharedRecord(new CellAccess(setup, context));
  }

  read(): Observable<Stored<T>> {
    const record = this.#record;
    return defer(() => record.run(record.read())).pipe(concatMap((now) => record.tell(now)));
  }

  /**
   * Supports one subscriber, the session. Made without operators and with few closures: every session subscribes, and each operator or
   * closure would add some hundred bytes to it.
   */
  get news$(): Observable<Stored<T>> {
    return new Observable((subscriber) => {
      this.#listener = subscriber;
      const hear = (): void => this.#hear();
      this.#record.onWake = hear;
      subscriber.add(this.#record.access.watch(hear));
    });
  }

  catchUp(): Observable<unknown> | null {
    if (!this.#record.access.setup.cell.isBehind?.()) return null;
    this.#hear();
    // Queued behind the read that `#hear` has just queued: emits when that read has succeeded or failed, or waits for too long behind a
    // write that fails.
    return this.#record.run(of(null)).pipe(catchError(() => of(null)));
  }

  /**
   * Reads the record until it succeeds: the cell may not emit again, and this session would not learn of a sign-out at another holder. A
   * read that fails is left to the one that a later notification has started: otherwise the reads would add up during an outage.
   */
  #hear(): void {
    const record = this.#record;
    const listener = this.#listener;
    if (!listener || listener.closed) return;
    const heard = (this.#heard += 1);
    record.noteWatched();
    const told$ = defer(() => record.queue.add(this.#look())).pipe(record.trying(() => this.#heard === heard));
    listener.add(told$.subscribe({ next: (stored) => listener.next(stored), error: () => undefined }));
  }

  /**
   * Reads the record, unless a read has begun since `news$` of the cell last emitted: one read shows all writes before it. A read that
   * began earlier may not show the write that was announced.
   */
  #look(): Observable<Stored<T>> {
    const record = this.#record;
    return defer(() => {
      const asked = this.#heard;
      if (this.#seen === asked) return EMPTY;
      return record.read().pipe(
        concatMap((now) => (record.isNews(now) ? record.tell(now) : EMPTY)),
        // Not before the tokens are opened: if that fails, the record must be read again.
        tap({ complete: () => (this.#seen = asked) }),
      );
    });
  }

  signIn(owner: string, tokens: T): Observable<never> {
    const told = { owner, generation: NaN, isPending: true };
    this.#record.becomes(told);
    return this.#write(told, {
      tokens,
      overwrites: true,
      change: (now, unsure) => {
        // An earlier attempt may have stored this sign-in. If somebody has signed in or out since, they may have ended it: do not
        // bring it back.
        const isOver = unsure !== undefined && signInOf(now) !== signInOf(unsure);
        return isOver ? null : { ...nextGeneration(now), owner };
      },
    });
  }

  update(owner: string, tokens: T): Observable<never> {
    const record = this.#record;
    const { told } = record;
    return this.#write(told, {
      tokens,
      change: (now) => {
        if (record.told !== told || now?.owner !== owner || now.generation !== told.generation) return null;
        // Keep the lease: a refresh in flight goes on, and its tokens will be newer than these.
        const { failed, refreshed, ...rest } = now;
        return { ...rest, generation: now.generation + 1 };
      },
    });
  }

  signOut(owner: string | null): Observable<never> {
    const told = { owner: null, generation: NaN, isPending: true };
    let leaving = owner ?? this.#record.told.owner;
    this.#record.becomes(told);
    return this.#write(told, {
      change: (now) => {
        const current = now?.owner ?? null;
        if (leaving === undefined) leaving = current;
        return current !== null && current === leaving ? { ...nextGeneration(now), reason: 'sign-out' } : null;
      },
    });
  }

  turn({ ignoreFailure }: { readonly ignoreFailure: boolean }): Observable<RefreshTurn<T>> {
    return sharedTurn(this.#record, ignoreFailure);
  }

  takeUnsaved(): T | null {
    const record = this.#record;
    const { unsaved } = record;
    record.unsaved = null;
    record.hurry();
    return unsaved && unsaved.owner !== null ? unsaved.tokens : null;
  }

  close(): void {
    this.#record.isClosed = true;
    this.#listener?.complete();
    this.#record.hurry();
  }

  #write(told: Told, write: Write<T>): Observable<never> {
    const record = this.#record;
    const stored$ = record.write(write).pipe(
      tap(({ record: now, isWritten }) => {
        told.isPending = false;
        if (isWritten) told.generation = now?.generation ?? NaN;
        // The store holds something that made this write pointless, and the session must learn of it.
        else record.wake();
      }),
      ignoreElements(),
    );
    return record.run(stored$);
  }
}

/** Identifies the sign-in of a record by its owner, or the time after a sign-out by its generation. */
function signInOf(record: StoredSession | null): string | number | undefined {
  return record?.owner ?? record?.generation;
}
