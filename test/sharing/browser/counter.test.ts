import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeInBrowsers } from './browsers.ts';
import { cellInTab } from './cell-in-tab.ts';
import { type CellSite, openCellSite } from './cell-site.ts';

const TABS = 5;
const TIMES = 200;

describeInBrowsers('The record of webStore() in the tabs of $name', (browser) => {
  let site: CellSite;
  beforeAll(async () => {
    site = await openCellSite(browser());
  });
  afterAll(() => site.close());
  afterEach(() => site.closeTabs());

  it.each([
    ['on a secure origin, whose Web Locks no tab requests', '127.0.0.1', true],
    ['on plain HTTP, where there are no Web Locks', 'app.test', false],
  ])(
    `loses none of the ${String(TIMES)} increments that each of ${String(TABS)} tabs makes at the same time, %s`,
    async (_where, host, hasLock) => {
      const tabs = [];
      for (let n = 0; n < TABS; n += 1) {
        const page = await site.open(host);
        tabs.push({ page, cell: await cellInTab(page, 'counter') });
      }
      expect(tabs.map(({ cell }) => cell.lock !== undefined)).toEqual(tabs.map(() => hasLock));
      const refusals = await Promise.all(
        tabs.map(({ page }) => page.evaluate((times) => globalThis.cell.increment(times), TIMES)),
      );
      expect(await tabs[0]!.cell.read()).toMatchObject({ generation: TABS * TIMES, version: TABS * TIMES });
      // Otherwise the tabs took turns, and the test has shown nothing.
      expect(Math.max(...refusals)).toBeGreaterThan(0);
    },
  );
});
