import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject } from 'vitest';
import type { Counts } from '../../examples/demo/api/auth-api.ts';
import { serveExample, type RunningExample } from '../../examples/angular/server/serve.ts';
import type { Chromium } from '../../scripts/chromium.ts';
import { faultsOf } from '../support/page-faults.ts';

/** The application in its own browser, and the server that it talks to. Both are new for every test. */
export interface Quayside {
  readonly page: Page;
  readonly api: RunningExample['api'];
  readonly url: string;
  signIn(): Promise<void>;
  click(name: string): Promise<void>;
  /** The berths that show what the server knows about them. */
  readonly done: Locator;
  readonly dialog: Locator;
  path(): string;
  since(before: Counts): Partial<Counts>;
}

/** Starts the example for each test, and fails the test if the page logs an error. */
export function useQuayside(found: Chromium | string): () => Quayside {
  let browser: Browser;
  let running: RunningExample;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    browser = await chromium.launch(typeof found === 'string' ? {} : found);
  }, 60_000);
  afterAll(() => browser.close());
  beforeEach(async () => {
    const built = inject('angularExample');
    if (typeof built !== 'string') throw new Error(built.reason);
    running = await serveExample(built, 0, 300);
    page = await browser.newPage();
    faults = faultsOf(page);
    await page.goto(running.url);
  });
  afterEach(async () => {
    await page.close();
    running.server.closeAllConnections();
    running.server.close();
    expect(faults).toEqual([]);
  });

  return () => {
    const { api, url } = running;
    const click = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
    return {
      page,
      api,
      url,
      click,
      done: page.locator('.berths .done'),
      dialog: page.getByRole('dialog'),
      path: () => page.url().slice(url.length),
      since: (before) => ({
        requests: api.counts.requests - before.requests,
        unauthorized: api.counts.unauthorized - before.unauthorized,
        refreshes: api.counts.refreshes - before.refreshes,
      }),
      async signIn() {
        await page.getByLabel('Password').fill('quay');
        await click('Sign in');
        await page.getByText('token 1').waitFor();
      },
    };
  };
}
