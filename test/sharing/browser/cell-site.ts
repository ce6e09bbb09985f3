import { build } from 'esbuild';
import type { Browser, Page } from 'puppeteer-core';
import { startAuthServer } from '../../support/auth-server.ts';

/** A server that serves the page of `cell-page.ts`, and the tabs that are open on it. */
export interface CellSite {
  /** Opens the page in a new tab. @param host - a name of this machine: `127.0.0.1`, or `app.test`, which has no Web Locks */
  open(host: string): Promise<Page>;
  closeTabs(): Promise<void>;
  close(): Promise<void>;
}

export async function openCellSite(browser: Browser): Promise<CellSite> {
  const { outputFiles } = await build({
    entryPoints: [new URL('cell-page.ts', import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'iife',
    conditions: ['sluice-source'],
  });
  const server = await startAuthServer();
  server.route('GET /cell', () => ({
    headers: { 'content-type': 'text/html' },
    body: '<!doctype html><script src="/cell.js"></script>',
  }));
  server.route('GET /cell.js', () => ({
    headers: { 'content-type': 'text/javascript' },
    body: outputFiles[0]!.text,
  }));
  let pages: Page[] = [];
  return {
    async open(host) {
      const page = await browser.newPage();
      pages.push(page);
      await page.goto(`${server.url.replace('127.0.0.1', host)}/cell`);
      return page;
    },
    async closeTabs() {
      await Promise.all(pages.map((page) => page.close()));
      pages = [];
    },
    close: () => server.close(),
  };
}
