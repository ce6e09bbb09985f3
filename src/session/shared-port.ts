import { concatMap, defer, EMPTY, ignoreElements, Observable, tap } from 'rxjs';
import { CellAccess, type SharedStoreSetup } from './cell-access.ts';
import { nextGeneration } from './draft.ts';
import { SharedRecord, type Told, type Write } from './shared-record.ts';
import { sharedTurn } from './shared-turn.ts';
import type { PortContext, RefreshTurn, Stored, StorePort } from './store-port.ts';
import type { StoredSession } from './stored-session.ts';
import type { TokenSet } from './token-set.ts';

/** One holder of a shared store. */
export class SharedPort<T extends TokenSet> implements StorePort<T> {
  readonly #record: SharedRecord<T>;

  constructor(setup: SharedStoreSetup, context: PortContext) {
    this.#record = new SharedRecord(new CellAccess(setup, context));
  }

  read(): Observable<Stored<T>> {
    const record = this.#record;
    return defer(() => record.run(record.read())).pipe(concatMap((now) => record.tell(now)));
  }

  /** Without operators, because every session that is alive listens: each operator would hold some hundred bytes. */
  get news$(): Observable<Stored<T>> {
    const record = this.#record;
    return new Observable((subscriber) => {
      let heard = 0;
      let seen = 0;
      /** A read that began before the news came may not show what they are about; one read serves all that came before it. */
      const look$ = defer(() => {
        const asked = heard;
        if (seen === asked) return EMPTY;
        return record.read().pipe(
          concatMap((now) => {
            seen = asked;
            return record.isNews(now) ? record.tell(now) : EMPTY;
          }),
        );
      });
      const hear = (): void => {
        heard += 1;
        record.noteWatched();
        // Nothing else would bring these news: until they can be read, a sign-out elsewhere is not known here.
        const told$ = defer(() => record.queue.add(look$)).pipe(record.trying());
        subscriber.add(told$.subscribe({ next: (stored) => subscriber.next(stored), error: () => undefined }));
      };
      subscriber.add(
        // eslint-disable-next-line rxjs-x/no-ignored-error -- a Subject that is never given one
        record.woken$.subscribe((isNews) => {
          if (record.isClosed) subscriber.complete();
          else if (isNews) hear();
        }),
      );
      // eslint-disable-next-line rxjs-x/no-ignored-error -- those of the cell are reported there
      subscriber.add(record.access.news$.subscribe(hear));
    });
  }

  signIn(owner: string, tokens: T): Observable<never> {
    const told = { owner, generation: NaN, isPending: true };
    this.#record.becomes(told);
    return this.#write(told, {
      tokens,
      overwrites: true,
      change: (now, unsure) => {
        // An attempt seemed to fail and others have signed in or out since: it may be this sign-in that they ended.
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
        // The lease stays: tokens that are being refreshed now will be newer than these.
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
    this.#record.wake();
  }

  #write(told: Told, write: Write<T>): Observable<never> {
    const record = this.#record;
    const stored$ = record.write(write).pipe(
      tap(({ record: now, isWritten }) => {
        told.isPending = false;
        if (isWritten) told.generation = now?.generation ?? NaN;
        // What is in the store instead is news.
        else record.wake();
      }),
      ignoreElements(),
    );
    return record.run(stored$);
  }
}

/** Tells one sign-in from another, and one time without any from another. */
function signInOf(record: StoredSession | null): string | number | undefined {
  return record?.owner ?? record?.generation;
}
