import { defer, firstValueFrom } from 'rxjs';
import { withTimeout } from '../session/internal.ts';

/** Never opened with a higher version: a page that still runs an older version of the app could not open the database any more. */
const NAME = 'sluice';
const RECORDS = 'records';

/** An access that takes longer is made anew with another connection: a browser may drop a request of a background page silently. */
const ANSWER_MS = 5_000;

/** What is done in one transaction. What `give` was called with last is its result. */
export type Work<R> = (records: IDBObjectStore, give: (result: R) => void) => void;

/** All records of this origin, in IndexedDB. Opened when it is first used, and opened again when the browser has cut the connection. */
export class RecordDatabase {
  #connection: Promise<IDBDatabase> | undefined;

  /**
   * Runs `work` in one transaction and gives its result when that is complete. A failure is followed by one more attempt with a new
   * connection: the first one may have taken effect.
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
      // The browser has cut the connection, or the person deletes the data of this site, which an open connection would delay.
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
