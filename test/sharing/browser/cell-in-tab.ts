import type { Page } from 'puppeteer-core';
import { catchError, distinctUntilChanged, EMPTY, exhaustMap, from, interval, skip, startWith } from 'rxjs';
import type { Cell, StoredSession } from 'sluice/session';
import type {} from './cell-page.ts';

/** How often a page is asked whether its cell has news, in milliseconds. */
const ASK_MS = 20;

/** The cell of `webStore` in a tab of a browser, for a session in this process. It has a lock where the page has Web Locks. */
export async function cellInTab(page: Page, key: string): Promise<Cell<StoredSession>> {
  await page.evaluate((its) => globalThis.cell.open(its), key);
  // The first access finds out whether the page has IndexedDB and Web Locks.
  await page.evaluate(() => globalThis.cell.read());
  const cell: Cell<StoredSession> = {
    read: () => page.evaluate(() => globalThis.cell.read()),
    swap: (expected, next) => page.evaluate((...given) => globalThis.cell.swap(...given), expected, next),
    news$: interval(ASK_MS).pipe(
      exhaustMap(() => from(page.evaluate(() => globalThis.cell.news())).pipe(catchError(() => EMPTY))),
      startWith(0),
      distinctUntilChanged(),
      skip(1),
    ),
  };
  let locks = 0;
  const lock: Cell<StoredSession>['lock'] = async (work, { signal }) => {
    locks += 1;
    const id = locks;
    const abort = (): void => void page.evaluate((its) => globalThis.cell.abort(its), id).catch(() => undefined);
    signal.addEventListener('abort', abort);
    try {
      await page.evaluate((its) => globalThis.cell.lock(its), id);
    } finally {
      signal.removeEventListener('abort', abort);
    }
    try {
      return await work();
    } finally {
      await page.evaluate((its) => globalThis.cell.unlock(its), id).catch(() => undefined);
    }
  };
  return (await page.evaluate(() => globalThis.cell.hasLock())) ? { ...cell, lock } : cell;
}
