import type { Browser, Page } from 'puppeteer-core';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerReport } from '../../../examples/many-tabs/api.ts';
import { realBrowsers, rounds } from './browsers.ts';
import { waitFor } from '../../support/wait-for.ts';

const { missing, launch } = realBrowsers.find(({ name }) => name === 'Chromium')!;

describe('the example examples/many-tabs in two tabs of Chromium', () => {
  if (missing !== undefined) {
    console.warn(`SKIPPED: the test of examples/many-tabs: ${missing}`);
    it.skip(`is skipped, because the browser is not installed: ${missing}`);
    return;
  }
  let server: ViteDevServer;
  let browser: Browser;
  let tabs: readonly [Page, Page];
  const faults: string[] = [];
  beforeAll(async () => {
    const configFile = 'examples/many-tabs/vite.config.ts';
    server = await createServer({ configFile, server: { port: 0 }, logLevel: 'error' });
    await server.listen();
    browser = await launch();
    tabs = [await open(), await open()];
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function open(): Promise<Page> {
    const page = await browser.newPage();
    page.on('pageerror', (error) => faults.push(String(error)));
    await page.goto(server.resolvedUrls!.local[0]!);
    await waitFor(async () => expect(await text(page, '#tab')).toMatch(/^Tab \d+$/));
    return page;
  }
  const text = (page: Page, selector: string): Promise<string> =>
    page.evaluate((of) => document.querySelector(of)?.textContent?.trim().replace(/\s+/g, ' ') ?? '', selector);
  /** Clicks by script, because the page need not be the one in front. */
  const click = (page: Page, id: string): Promise<void> =>
    page.evaluate((of) => document.getElementById(of)!.click(), id);
  const shown = (selector: string): Promise<string[]> => Promise.all(tabs.map((page) => text(page, selector)));
  const bothShow = (selector: string, ...wanted: readonly [string, string] | readonly [string]): Promise<void> =>
    waitFor(async () => expect(await shown(selector)).toEqual([wanted[0], wanted[1] ?? wanted[0]]));
  const report = async (): Promise<ServerReport> =>
    (await (await fetch(`${server.resolvedUrls!.local[0]!}api/report`)).json()) as ServerReport;

  it('shows one refresh in both tabs, in each round in which their token dies', { timeout: 60_000 }, async () => {
    await bothShow('[data-show=status]', 'Signed out');
    await click(tabs[0], 'sign-in-Ada');
    await bothShow('[data-show=status]', 'Signed in as Ada');
    const clicks = [0, 0];
    for (let round = 1; round <= Math.min(rounds, 5); round += 1) {
      const turn = round % 2;
      clicks[turn]! += 1;
      await click(tabs[turn]!, 'expire');
      await bothShow('#summary', `${String(5 * round)} requests: ${String(5 * round)} succeeded`);
      const { refreshes } = await report();
      expect(refreshes).toHaveLength(round);
      await bothShow('#refresh-count', String(round));
      await bothShow('#refreshes li:first-child', `Refresh ${String(round)} by ${refreshes.at(-1)!.tab}`);
      const last = `#${String(5 * round)}Hello Ada · with the token that ${refreshes.at(-1)!.tab} got`;
      await bothShow('#requests li:first-child', last);
    }
    await bothShow('#reuse-count', '0');
    const { refreshes, tabs: counted } = await report();
    expect(refreshes.every(({ isAccepted }) => isAccepted)).toBe(true);
    // The tab that sends first finds its token dead each time; the other one too, unless it hears of the click after the refresh.
    counted.forEach(({ unauthorized }, n) => expect(unauthorized).toBeGreaterThanOrEqual(5 * clicks[n]!));
  });

  it('signs both tabs in as the person who signs in next, and both out', async () => {
    const [one, two] = tabs;
    await click(two, 'sign-in-Grace');
    await bothShow('[data-show=status]', 'Signed in as Grace');
    await click(one, 'send');
    await waitFor(async () => expect(await text(one, '#requests li:first-child')).toContain('Hello Grace'));
    await click(one, 'sign-out');
    await bothShow('[data-show=status]', 'Signed out');
    expect(faults).toEqual([]);
  });
});
