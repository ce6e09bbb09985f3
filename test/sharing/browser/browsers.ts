import { existsSync } from 'node:fs';
import puppeteer, { type Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, it } from 'vitest';

/** A whole browser, as people have it: the headless shell of the other tests hides what `localStorage` does, and keeps no pages. */
export interface RealBrowser {
  readonly name: 'Chromium' | 'Firefox';
  /** Why it cannot be had here; `undefined` if it can. */
  readonly missing: string | undefined;
  /** `http://app.test` is this machine, by a name that is no secure context. */
  launch(): Promise<Browser>;
}

const chromium = process.env['SHARING_CHROMIUM'] ?? '/usr/bin/chromium';
const firefox = process.env['SHARING_FIREFOX'] ?? '/usr/bin/firefox-esr';

const missing = (path: string, variable: string): string | undefined =>
  existsSync(path) ? undefined : `there is no ${path}; name one with ${variable}`;

export const realBrowsers: readonly RealBrowser[] = [
  {
    name: 'Chromium',
    missing: missing(chromium, 'SHARING_CHROMIUM'),
    launch: () =>
      puppeteer.launch({
        executablePath: chromium,
        args: ['--no-sandbox', '--disable-dev-shm-usage', '--host-resolver-rules=MAP app.test 127.0.0.1'],
      }),
  },
  {
    name: 'Firefox',
    missing: missing(firefox, 'SHARING_FIREFOX'),
    launch: () =>
      puppeteer.launch({
        browser: 'firefox',
        executablePath: firefox,
        extraPrefsFirefox: { 'network.dns.localDomains': 'app.test' },
      }),
  },
];

/**
 * Describes a suite for each whole browser, which runs from the first test of the suite to the last. Where a browser is missing, its suite is
 * skipped aloud.
 *
 * @param title - `$name` stands for the name of the browser
 */
export function describeInBrowsers(title: string, tests: (browser: () => Browser) => void): void {
  describe.each(realBrowsers)(title, ({ name, missing, launch }) => {
    if (missing !== undefined) {
      console.warn(`SKIPPED in ${name}: ${missing}`);
      it.skip(`is skipped, because the browser is not installed: ${missing}`);
      return;
    }
    let browser: Browser;
    beforeAll(async () => {
      browser = await launch();
    });
    afterAll(() => browser.close());
    tests(() => browser);
  });
}

/** How many rounds of simultaneous expiry a test plays. */
export const rounds: number = Number(process.env['SHARING_ROUNDS'] ?? 10);
