import { createSession, type Session, type SessionEvent, type SessionOptions } from 'sluice';
import { webStore, type WebStoreOptions } from 'sluice/browser';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach } from 'vitest';
import { refreshByFetch } from '../support/refresh-by-fetch.ts';
import type { ServerOfTest } from './server.ts';

export interface LoadedSession {
  readonly session: Session;
  readonly events: SessionEvent[];
}

export interface WebStorePage {
  /** The key of this test. */
  readonly key: string;
  /** A session as a page makes it when it is loaded. It is disposed of after the test. */
  load(server: ServerOfTest, options?: WebStoreOptions, session?: Partial<SessionOptions>): LoadedSession;
  /** What IndexedDB holds for the key. */
  record(): Promise<Record<string, unknown> | undefined>;
  /** Puts a record there, as another version of the package would. */
  putRecord(record: object): Promise<void>;
  /** The entry of `localStorage` with the key, as an older version of the package has written it. */
  entry(value?: object | null): string | null;
}

/** In a test file or a `describe`: a key of its own for each test. */
export function useWebStore(): WebStorePage {
  const sessions: Session[] = [];
  let tests = 0;
  let key = '';
  beforeEach(() => {
    tests += 1;
    key = `web-store-${String(tests)}-${String(Math.random())}`;
  });
  afterEach(() => {
    for (const session of sessions.splice(0)) session.dispose();
    localStorage.clear();
  });
  return {
    get key() {
      return key;
    },
    load(server, options = {}, more = {}) {
      const session = createSession({
        refresh: (current, { signal }) => refreshByFetch(server, current, signal),
        ...more,
        store: webStore({ key, ...options }),
      });
      const events: SessionEvent[] = [];
      session.events$.subscribe((event) => events.push(event));
      sessions.push(session);
      return { session, events };
    },
    record: () =>
      inRecords('readonly', (records) => records.get(key) as IDBRequest<Record<string, unknown> | undefined>),
    putRecord: async (record) => {
      await inRecords('readwrite', (records) => records.put(record, key));
    },
    entry(value) {
      if (value === null) localStorage.removeItem(key);
      else if (value) localStorage.setItem(key, JSON.stringify(value));
      return localStorage.getItem(key);
    },
  };
}

/** Waits until the session's store has been read. */
export async function restored(session: Session): Promise<Session['state']> {
  return firstValueFrom(session.state$.pipe(filter(({ status }) => status !== 'restoring')));
}

/** Lets the session hear that another page has changed `localStorage`, which no page hears of itself. */
export function tellOfStorage(): void {
  dispatchEvent(new StorageEvent('storage'));
}

async function inRecords<R>(mode: IDBTransactionMode, work: (records: IDBObjectStore) => IDBRequest<R>): Promise<R> {
  const database = await settled(indexedDB.open('sluice', 1));
  try {
    return await settled(work(database.transaction('records', mode).objectStore('records')));
  } finally {
    database.close();
  }
}

function settled<R>(request: IDBRequest<R>): Promise<R> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('no error'));
  });
}
