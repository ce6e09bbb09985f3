import { build } from 'esbuild';
import type { Browser, Frame, Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { type AuthServer, startAuthServer } from '../../support/auth-server.ts';
import { bearerToken, type TokenReader } from '../../support/request-log.ts';
import type { TabApi, TabState } from './tab.ts';
import { waitFor } from '../../support/wait-for.ts';

type Asked<Name extends keyof TabApi> = Awaited<ReturnType<TabApi[Name]>>;

/** A tab of the browser with the page of `tab.ts`. */
export interface SiteTab {
  readonly page: Page;
  ask<Name extends keyof TabApi>(name: Name, ...args: Parameters<TabApi[Name]>): Promise<Asked<Name>>;
  /** Waits until the session's state is as given. */
  becomes(state: Partial<TabState>): Promise<void>;
}

/** A server with rotating refresh tokens that also serves the page, and the tabs that are open on it. */
export interface Site {
  readonly server: AuthServer;
  readonly tabs: readonly SiteTab[];
  /** The page in a frame that may run scripts and nothing else: its origin is no one's. */
  openSandboxed(): Promise<SiteTab>;
  /** @param query - the options of the page; `host`: another name of this machine */
  open(query?: Readonly<Record<string, string>>): Promise<SiteTab>;
  close(): Promise<void>;
}

const bundle = build({
  entryPoints: [new URL('tab.ts', import.meta.url).pathname],
  bundle: true,
  write: false,
  format: 'iife',
  conditions: ['sluice-source'],
}).then(({ outputFiles }) => outputFiles[0]!.text);

/** The pages of marker sessions send the access token as a cookie. */
const readToken: TokenReader = (headers) =>
  bearerToken(headers) ?? /(?:^|; *)access=([^;]*)/.exec(headers.cookie ?? '')?.[1];

export async function openSite(browser: Browser): Promise<Site> {
  const script = await bundle;
  const server = await startAuthServer({ waitMs: 20_000, readToken });
  const html = (body: string) => () => ({ headers: { 'content-type': 'text/html' }, body: `<!doctype html>${body}` });
  server.route('GET /tab', html('<title>tab</title><script src="/tab.js"></script>'));
  server.route('GET /away', html('<title>away</title>'));
  server.route(
    'GET /frame',
    html(`<title>frame</title><iframe sandbox="allow-scripts" src="/tab?base=${server.url}"></iframe>`),
  );
  server.route('GET /tab.js', () => ({ headers: { 'content-type': 'text/javascript' }, body: script }));
  const tabs: SiteTab[] = [];
  return {
    server,
    tabs,
    async open({ host = '127.0.0.1', ...query } = {}) {
      const page = await browser.newPage();
      const tab = tabOf(page);
      tabs.push(tab);
      await page.goto(`${server.url.replace('127.0.0.1', host)}/tab?${String(new URLSearchParams(query))}`);
      return tab;
    },
    async openSandboxed() {
      const page = await browser.newPage();
      await page.goto(`${server.url}/frame`);
      const frame = await waitFor(
        () => page.frames().find((its) => its.url().includes('/tab?')) ?? expect.unreachable(),
      );
      await frame.waitForFunction(() => 'tab' in globalThis);
      const tab = tabOf(page, frame);
      tabs.push(tab);
      return tab;
    },
    async close() {
      await Promise.all(tabs.map(({ page }) => page.close().catch(() => undefined)));
      await server.close();
    },
  };
}

function tabOf(page: Page, frame: Page | Frame = page): SiteTab {
  const tab: SiteTab = {
    page,
    ask: async <Name extends keyof TabApi>(name: Name, ...args: Parameters<TabApi[Name]>): Promise<Asked<Name>> => {
      const answer: unknown = await frame.evaluate(
        (its, given) => (globalThis.tab[its] as (...all: unknown[]) => unknown)(...given),
        name,
        args,
      );
      return answer as Asked<Name>;
    },
    becomes: (state) => waitFor(async () => expect(await tab.ask('state')).toMatchObject(state)),
  };
  return tab;
}
