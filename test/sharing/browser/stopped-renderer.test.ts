import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realBrowsers } from './browsers.ts';
import { openSite } from './site.ts';
import { waitFor } from '../../support/wait-for.ts';

// Only Chromium tells which process renders a page.
const { missing, launch } = realBrowsers.find(({ name }) => name === 'Chromium')!;

describe('webStore() where the process of a tab is stopped while it has the lock', () => {
  if (missing !== undefined) {
    console.warn(`SKIPPED: the test of a stopped tab: ${missing}`);
    it.skip(`is skipped, because the browser is not installed: ${missing}`);
    return;
  }
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  it('lets the others fail as unavailable while it is stopped, and presents no token twice when it goes on', async () => {
    const site = await openSite(browser);
    const query = { refreshTimeoutMs: '2000', storeTimeoutMs: '500', leaseMs: '500' };
    const [holder, ...others] = [await site.open(query), await site.open(query), await site.open(query)];
    await holder.ask('signIn', 'ada');
    for (const tab of others) await tab.becomes({ status: 'signed-in' });
    const pid = await rendererOf(browser, holder.page);
    for (const tab of others) expect(await rendererOf(browser, tab.page)).not.toBe(pid);

    await holder.ask('holdRefresh');
    site.server.expireAccess();
    const held = holder.ask('request', 1);
    await waitFor(async () => expect(await holder.ask('isRefreshHeld')).toBe(true));
    process.kill(pid, 'SIGSTOP');
    try {
      const answers = await Promise.all(others.map((tab) => tab.ask('request', 2)));
      expect(answers.flat()).toEqual(Array(4).fill('refresh-failed unavailable'));
      expect(site.server.refreshes).toEqual([]);
      for (const tab of others) expect(await tab.ask('state')).toMatchObject({ status: 'signed-in' });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await holder.ask('letRefresh');
    await held;
    for (const tab of [holder, ...others]) expect(await tab.ask('request', 1)).toEqual(['200']);
    expect(site.server.repeats).toEqual([]);
    expect(site.server.refreshes.map(({ outcome }) => outcome)).toEqual(['issued']);
    await site.close();
  });
});

/** The process that burns the time which a page of its own burns. */
async function rendererOf(browser: Browser, page: Page): Promise<number> {
  const session = await browser.target().createCDPSession();
  const times = async (): Promise<Map<number, number>> => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const renderers = processInfo.filter(({ type }) => type === 'renderer');
    return new Map(renderers.map(({ id, cpuTime }) => [id, cpuTime]));
  };
  const before = await times();
  await page.evaluate(() => {
    const end = performance.now() + 400;
    while (performance.now() < end);
  });
  const after = [...(await times())].map(([id, time]) => ({ id, spent: time - (before.get(id) ?? 0) }));
  await session.detach();
  return after.sort((one, other) => other.spent - one.spent)[0]!.id;
}
