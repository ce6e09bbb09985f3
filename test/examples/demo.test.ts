import { chromium, type Browser, type Page } from 'playwright-core';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Counts } from '../../examples/demo/api/auth-api.ts';
import type { ServerReport } from '../../examples/demo/server.ts';
import { findChromium } from '../../scripts/chromium.ts';
import { faultsOf } from '../support/page-faults.ts';

const found = await findChromium();

describe.skipIf(typeof found === 'string')('the demo page', { timeout: 30_000 }, () => {
  let server: ViteDevServer;
  let browser: Browser;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    server = await createServer({ configFile: 'examples/demo/vite.config.ts', server: { port: 0 }, logLevel: 'error' });
    await server.listen();
    browser = await chromium.launch(typeof found === 'string' ? {} : found);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await server.close();
  });
  beforeEach(async () => {
    page = await browser.newPage();
    faults = faultsOf(page);
    await page.goto(server.resolvedUrls!.local[0]!);
    await page.getByText('Signed out').waitFor();
  });
  afterEach(async () => {
    await page.close();
    expect(faults).toEqual([]);
  });

  const summary = (text: string | RegExp): Promise<void> =>
    page.getByRole('status').filter({ hasText: text }).waitFor();
  const control = (): Promise<ServerReport> =>
    page.evaluate(async () => (await fetch('/api/control')).json() as Promise<ServerReport>);
  const counts = async (): Promise<Counts> => (await control()).counts;
  const click = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const choose = (name: string): Promise<void> => page.getByRole('radio', { name }).check();

  const all401 = (): Promise<void> =>
    expect.poll(async () => (await counts()).unauthorized, { timeout: 10_000 }).toBe(16);

  it('serves a burst of requests with a dead token by one refresh', async () => {
    await click('Kill the token, fire');
    await summary('16 requests: 16 done.');
    expect(await counts()).toMatchObject({ requests: 32, unauthorized: 16, refreshes: 1 });
    await expect.poll(() => page.locator('[data-count=refreshes]').textContent()).toBe('1');
    await page.getByText('Signed in').waitFor();
    expect(await page.locator('.lane').count()).toBe(16);
    expect(await page.locator('.band').count()).toBe(2); // The text occurs once on the board and once in the legend.
  });

  it('does not send the half of a burst that is cancelled while it waits', async () => {
    await choose('is slow');
    await click('Kill the token, fire');
    await all401();
    await click('Cancel half');
    await summary('16 requests: 8 done, 8 cancelled.');
    expect(await counts()).toMatchObject({ requests: 24, refreshes: 1 });
  });

  it('keeps the session over a 503 and over broken connections', async () => {
    await click('Fire');
    await summary('16 requests: 16 done.');
    const offline = page.getByRole('checkbox', { name: 'Offline' });
    await offline.check();
    await expect.poll(async () => (await control()).mischief.offline).toBe(true);
    await click('Fire');
    await summary('16 requests: 16 failed. AxiosError');
    await page.getByText('Signed in').waitFor();
    await offline.uncheck();
    await expect.poll(async () => (await control()).mischief.offline).toBe(false);

    await choose('answers 503');
    await click('Kill the token, fire');
    await summary('16 requests: 16 failed. RefreshFailedError');
    await page.getByText('Signed in').waitFor();
    await choose('works');
    // Fire until it succeeds, because a refresh that has just failed is not tried again at once.
    const fire = async (): Promise<string | null> => {
      await click('Fire');
      return page.getByRole('status').filter({ hasNotText: 'in flight' }).textContent();
    };
    await expect.poll(fire, { interval: 500, timeout: 10_000 }).toContain('16 requests: 16 done.');
  });

  it('signs out when the refresh is refused', async () => {
    await choose('is refused');
    await click('Kill the token, fire');
    await summary('16 requests: 16 failed. SessionExpiredError');
    await page.getByText('reason: expired').waitFor();
  });

  it('ends all waiting requests when somebody signs out', async () => {
    await choose('is slow');
    await click('Kill the token, fire');
    await all401();
    await click('Sign out');
    await summary('16 requests: 16 failed. SessionChangedError');
  });

  it('gives every control an accessible name', async () => {
    const controls = page.locator('button, input').and(page.locator(':not([id=""])'));
    const all = await controls.all();
    expect(all.length).toBeGreaterThan(10);
    for (const control of all)
      expect(
        await control.evaluate((node) => node.textContent || (node as HTMLInputElement).labels?.[0]?.textContent),
      ).toBeTruthy();
  });
});
