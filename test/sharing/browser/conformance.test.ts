import type { Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { perform, type Scenario, scenarios, sharedCells, sluice } from '../../conformance/index.ts';
import { describeInBrowsers } from './browsers.ts';
import { cellInTab } from './cell-in-tab.ts';
import { type CellSite, openCellSite } from './cell-site.ts';

/** Three holders, and one that stores the first record. */
const MOST_HOLDERS = 4;

/** Writes through a page take longer than others: a lease that takes half of this time to write is not used. */
const LEASE_MS = 2_000;

/** The scenarios of the conformance table that need a shared store. Each holder is a session of this process on the cell of its own tab. */
describeInBrowsers('webStore() in the tabs of $name passes the scenario', (browser) => {
  const library = sluice[0]!;
  const wanted = scenarios.filter(({ needs = [] }) => needs.includes('shared-store'));
  let site: CellSite;
  let keys = 0;
  beforeAll(async () => {
    site = await openCellSite(browser());
  });
  afterAll(() => site.close());
  afterEach(() => site.closeTabs());

  /** Opens the tabs before the scenario starts, because a scenario counts the time that its steps take. */
  const performOn = async (host: string, hasLock: boolean, scenario: Scenario): Promise<void> => {
    const unused: Page[] = [];
    for (let n = 0; n < MOST_HOLDERS; n += 1) unused.push(await site.open(host));
    const stores = sharedCells(
      () => {
        keys += 1;
        return `session ${String(keys)}`;
      },
      async (key) => {
        const cell = await cellInTab(unused.pop() ?? expect.unreachable('all tabs have a holder'), key);
        expect(cell.lock !== undefined).toBe(hasLock);
        return cell;
      },
      { hasLock, leaseMs: LEASE_MS },
    );
    await perform(scenario, library, stores);
  };

  // Scenario 58a is about leases. Browsers do not freeze a page that holds a Web Lock; stopped-renderer.test.ts has a process that is stopped.
  it.each(wanted.filter(({ id }) => id !== '58a').map((scenario) => [scenario.id, scenario.title, scenario] as const))(
    '%s of docs/conformance.md: %s, with Web Locks',
    (_id, _title, scenario) => performOn('127.0.0.1', true, scenario),
  );

  it.each(wanted.map((scenario) => [scenario.id, scenario.title, scenario] as const))(
    '%s of docs/conformance.md: %s, on plain HTTP, where there are no Web Locks',
    (_id, _title, scenario) => performOn('app.test', false, scenario),
  );
});
