import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  merge,
  type Observable,
  takeUntil,
  tap,
} from 'rxjs';
import { CellAccess, type SharedStoreSetup } from './cell-access.ts';
import { nextGeneration } from './draft.ts';
import { SharedRecord, type Told, type Write } from './shared-record.ts';
import { sharedTurn } from './shared-turn.ts';
import type { PortContext, RefreshTurn, Stored, StorePort } from './store-port.ts';
import type { StoredSession } from './stored-session.ts';
import type { TokenSet } from './token-set.ts';

const always = (): boolean => true;

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

  get news$(): Observable<Stored<T>> {
    const record = this.#record;
    return defer(() => {
      let heard = 0;
      let seen = 0;
      /** A read that began before the news came may not show what they are about; one read serves all that came before it. */
      const look$ = defer(() => {
        if (seen === heard) return EMPTY;
        seen = heard;
        return record.read();
      });
      return merge(record.access.news$, record.woken$).pipe(
        tap(() => (heard += 1)),
        concatMap(() =>
          record.queue.add(look$).pipe(
            concatMap((now) => (record.isNews(now) ? record.tell(now, record.told) : EMPTY)),
            // Reported already. The next news may be readable.
            catchError(() => EMPTY),
          ),
        ),
        takeUntil(record.woken$.pipe(filter(() => record.isClosed))),
      );
    });
  }

  signIn(owner: string, tokens: T): Observable<never> {
    const told = { owner, generation: NaN, isPending: true };
    this.#record.becomes(told);
    return this.#write(told, {
      tokens,
      overwrites: true,
      again: always,
      change: (now, unsure) => {
        // Stored by an attempt that seemed to fail; or perhaps stored and ended since, and then it must not come back.
        const isOver = now?.owner === owner || (unsure !== undefined && signInOf(now) !== signInOf(unsure));
        return isOver ? null : { ...nextGeneration(now), owner };
      },
    });
  }

  update(owner: string, tokens: T): Observable<never> {
    const record = this.#record;
    const { told } = record;
    return this.#write(told, {
      tokens,
      again: always,
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
      again: always,
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
    const tokens = record.unsaved;
    record.unsaved = null;
    record.wakeIfBusy();
    return tokens;
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
        if (isWritten) {
          told.generation = now?.generation ?? NaN;
          told.refreshToken = write.tokens?.refreshToken;
        }
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
