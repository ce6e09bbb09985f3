import { type WebCell, webCell } from '../../../src/browser/web-cell.ts';
import { increment } from '../../../src/testing/coherence-laws.ts';
import type { StoredSession } from 'sluice/session';

/** The cell of `webStore` in a page, as the functions that `cell-in-tab.ts` calls. Everything that goes to and fro is JSON. */
export interface PageCell {
  /** Makes the cell of this key. It is called first. */
  open(key: string): void;
  read(): Promise<StoredSession | null>;
  swap(expected: number, next: StoredSession): Promise<boolean>;
  /**
   * Adds one to the record's generation so many times, by `read` and `swap` alone. Tries again each time another page was quicker, and
   * resolves with how often that was.
   */
  increment(times: number): Promise<number>;
  /** Resolves when the page holds the lock; rejects if it is aborted before. */
  lock(id: number): Promise<void>;
  abort(id: number): void;
  unlock(id: number): void;
  hasLock(): boolean;
  /** How often the cell has told that the record may have changed. */
  news(): number;
}

declare global {
  var cell: PageCell;
}

let cell: WebCell;
const locks = new Map<number, { readonly controller: AbortController; unlock: () => void }>();
let news = 0;

globalThis.cell = {
  open: (key) => {
    const former = { get: () => null, remove: () => undefined };
    cell = webCell({ key, former, codec: undefined, report: () => undefined });
    cell.news$?.subscribe(() => {
      news += 1;
    });
  },
  read: async () => cell.read(),
  swap: async (expected, next) => cell.swap(expected, next),
  increment: async (times) => {
    let refusals = 0;
    const swap: WebCell['swap'] = async (expected, next) => {
      const isDone = await cell.swap(expected, next);
      refusals += Number(!isDone);
      return isDone;
    };
    for (let n = 0; n < times; n += 1) await increment({ read: cell.read, swap });
    return refusals;
  },
  lock: (id) =>
    new Promise((resolve, reject) => {
      const controller = new AbortController();
      const held = (): Promise<void> =>
        new Promise((unlock) => {
          locks.set(id, { controller, unlock });
          resolve();
        });
      locks.set(id, { controller, unlock: () => undefined });
      cell.lock?.(held, controller).catch(reject);
    }),
  abort: (id) => locks.get(id)?.controller.abort(),
  unlock: (id) => locks.get(id)?.unlock(),
  hasLock: () => cell.lock !== undefined,
  news: () => news,
};
