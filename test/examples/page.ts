import { chromium, type Browser, type Page } from 'playwright-core';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import type { Exchange } from '../../examples/shared/exchange-log.ts';
import type { Chromium } from '../../scripts/chromium.ts';
import { faultsOf } from '../support/page-faults.ts';

/** For `expect.poll`: how long a page in a browser may take on a machine that is busy. */
export const patience = { timeout: 15_000 } as const;

/** The page of an example in a browser, and the server beside it. */
export interface ExamplePage {
  readonly page: Page;
  click(name: string): Promise<void>;
  /** Sets how long the API of the example takes from now on, in milliseconds. */
  setPace(ms: number): Promise<unknown>;
  /** The requests since the page was opened whose path begins with this, as the server saw them. */
  exchanges(path: string): Promise<Exchange[]>;
}

/**
 * Opens the page of `examples/<name>` for each test, and fails the test if the page logs an error.
 *
 * @param env - variables of the environment for its `vite.config.ts`
 */
export function useExamplePage(
  name: string,
  found: Chromium | string,
  env: Readonly<Record<string, string>> = {},
): () => ExamplePage {
  let server: ViteDevServer;
  let browser: Browser;
  let page: Page;
  let faults: string[];
  let earlier: number;
  const all = async (): Promise<Exchange[]> =>
    (await page.request.get(new URL('/api/exchanges', url()).href)).json() as Promise<Exchange[]>;
  const url = (): string => server.resolvedUrls?.local[0] ?? '';

  beforeAll(async () => {
    for (const [variable, value] of Object.entries(env)) vi.stubEnv(variable, value);
    const configFile = `examples/${name}/vite.config.ts`;
    server = await createServer({ configFile, server: { port: 0 }, logLevel: 'error' });
    await server.listen();
    browser = await chromium.launch(typeof found === 'string' ? {} : found);
    // Open the page once before the tests: Vite compiles its modules when they are first requested, which takes long.
    const first = await browser.newPage();
    await first.goto(url());
    await first.close();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await server.close();
    vi.unstubAllEnvs();
  });
  beforeEach(async () => {
    page = await browser.newPage();
    faults = faultsOf(page);
    earlier = (await all()).length;
    await page.goto(url());
  });
  afterEach(async () => {
    await page.close();
    expect(faults).toEqual([]);
  });
  return () => ({
    page,
    click: (button) => page.getByRole('button', { name: button, exact: true }).click(),
    setPace: (ms) => page.request.post(new URL('/api/pace', url()).href, { data: { ms } }),
    exchanges: async (path) => (await all()).slice(earlier).filter((exchange) => exchange.path.startsWith(path)),
  });
}

/** Holds the requests for a URL before they leave the browser. */
export async function holdRequests(
  page: Page,
  url: string,
): Promise<{ readonly held: Promise<void>; release(): void }> {
  let release = (): void => {};
  let note = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = new Promise<void>((resolve) => {
    note = resolve;
  });
  await page.route(url, async (route) => {
    note();
    await released;
    await route.continue();
  });
  return { held, release };
}
