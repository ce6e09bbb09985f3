import type { Browser, Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { BuiltSsrApp } from './angular-ssr-app.ts';
import { serveSsrApp, type SsrServer } from './angular-ssr-server.ts';

/** Notes each heading that the document has had, also for a moment. */
const noteHeadings = `
  globalThis.headings = [];
  new MutationObserver(() => {
    for (const { textContent } of document.querySelectorAll('h1')) headings.push(textContent);
  }).observe(document, { childList: true, subtree: true, characterData: true });
`;

/** A built application, served and open in a page of its own for each test. */
export class SsrVisit {
  readonly page: Page;
  readonly server: SsrServer;
  /** What the page has printed: warnings and errors, and the rest. */
  readonly faults: string[] = [];
  readonly notes: string[] = [];

  constructor(page: Page, server: SsrServer) {
    this.page = page;
    this.server = server;
    page.on('pageerror', (error) => this.faults.push(String(error)));
    page.on('console', (message) => {
      const text = message.text();
      // The browser reports each 401, and the tests count those of the server.
      if (/^Failed to load resource: .* 401 /.test(text)) return;
      (['warning', 'error'].includes(message.type()) ? this.faults : this.notes).push(text);
    });
  }

  path(): string {
    return this.page.url().slice(this.server.url.length);
  }

  async heading(name: string): Promise<void> {
    await this.page.getByRole('heading', { name }).waitFor();
  }

  /** Goes to a guarded page, and signs in where that leads to. */
  async signIn(route: string): Promise<void> {
    await this.page.goto(this.server.url + route);
    await this.page.getByRole('button', { name: 'Sign in as ada' }).click();
    await this.page.getByText('Hello ada').waitFor();
    expect(this.path()).toBe(route);
  }

  /** Reloads the guarded page, which must stay the only one that the server or the person sees, also for a moment. */
  async reload(route: string): Promise<void> {
    const visited: string[] = [];
    const note = (): void => void visited.push(this.path());
    this.page.on('framenavigated', note);
    this.server.navigations.length = 0;
    await this.page.reload();
    await this.page.getByText('Hello ada').waitFor();
    await this.page.getByText('Signed in').waitFor();
    await this.heading('Orders');
    this.page.off('framenavigated', note);
    expect(new Set(visited)).toEqual(new Set([route]));
    expect(new Set(await this.page.evaluate<string[]>('headings'))).toEqual(new Set(['Orders']));
    expect(this.server.navigations).toEqual([`200 ${route}`]);
  }
}

/** Builds once. At the end of each test, neither the page nor the server that renders may have printed a warning or an error. */
export function visits(
  build: () => Promise<BuiltSsrApp>,
  browser: () => Browser,
): { built: BuiltSsrApp; now: SsrVisit } {
  const its = {} as { built: BuiltSsrApp; now: SsrVisit };
  beforeAll(async () => {
    its.built = await build();
  }, 900_000);
  beforeEach(async () => {
    const page = await browser().newPage();
    await page.addInitScript({ content: noteHeadings });
    its.now = new SsrVisit(page, await serveSsrApp(its.built));
  });
  afterEach(async () => {
    const { page, server, faults } = its.now;
    await page.close();
    await server.stop();
    expect({ page: faults, server: server.printed() }).toEqual({ page: [], server: '' });
  });
  return its;
}
