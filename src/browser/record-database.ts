import { defer, firstValueFrom } from 'rxjs';
import { withTimeout } from '../session/internal.ts';

/** The database. Never open it with a higher version: a page that still runs an older version of the app could not open it any more. */
const NAME = 'sluice';
const RECORDS = 'records';

/**
 * How long a transaction may take, in milliseconds, before it is tried again on a new connection. A browser may drop the connection of a
 * page in the background without an event; the transaction would then never end.
 */
const ANSWER_MS = 5_000;

/** Runs in one transaction. The last value that it passes to `give` is the result. */
export type Work<R> = (records: IDBObjectStore, give: (result: R) => void) => void;

/** All records of this origin, in IndexedDB. Opened at the first use, and opened again when the browser has closed the connection. */
export class RecordDatabase {
  #connection: Promise<IDBDatabase> | undefined;

  /**
   * Runs `work` in one transaction and resolves with its result when the transaction is complete. If that fails, it is tried once more on
   * a new connection. The failed attempt may have taken effect, so `work` must allow for that.
   */
  run<R>(mode: IDBTransactionMode, work: Work<R>): Promise<R> {
    return this.#attempt(mode, work).catch(() => this.#attempt(mode, work));
  }

  async #attempt<R>(mode: IDBTransactionMode, work: Work<R>): Promise<R> {
    const forget = (): void => {
      if (this.#connection === connection) this.#connection = undefined;
      connection.then(
        (database) => database.close(),
        () => undefined,
      );
    };
    const connection = (this.#connection ??= connect(forget));
    const result$ = defer(() => connection.then((database) => transact(database, mode, work)));
    try {
      return await firstValueFrom(result$.pipe(withTimeout(ANSWER_MS)));
    } catch (error) {
      forget();
      throw error;
    }
  }
}

function connect(onLost: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(RECORDS);
    request.onerror = () => reject(request.error ?? new Error('no error'));
    request.onsuccess = () => {
      // Called if the browser closes the connection, or if the person deletes the site's data, which an open connection would delay.
      request.result.onclose = request.result.onversionchange = onLost;
      resolve(request.result);
    };
  });
}

function transact<R>(database: IDBDatabase, mode: IDBTransactionMode, work: Work<R>): Promise<R> {
  return new Promise((resolve, reject) => {
    let last: R;
    const transaction = database.transaction(RECORDS, mode, { durability: 'relaxed' });
    transaction.oncomplete = () => resolve(last);
    transaction.onabort = () => reject(transaction.error ?? new Error('no error'));
    work(transaction.objectStore(RECORDS), (result) => {
      last = result;
    });
  });
}
