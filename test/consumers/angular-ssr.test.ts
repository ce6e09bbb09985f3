import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findChromium } from '../../scripts/chromium.ts';
import { buildSsrApp, type BuiltSsrApp, type RunningSsrApp, serveSsrApp } from './angular-ssr-app.ts';

const found = await findChromium();

describe.skipIf(typeof found === 'string')(
  'an application made by `ng new --ssr`, with the documented configuration and its tokens in webStore()',
  () => {
    let built: BuiltSsrApp;
    let browser: Browser;
    let running: RunningSsrApp;
    let page: Page;
    let faults: string[];

    beforeAll(async () => {
      built = await buildSsrApp();
      browser = await chromium.launch(typeof found === 'string' ? {} : found);
    }, 900_000);
    afterAll(() => browser.close());
    beforeEach(async () => {
      running = await serveSsrApp(built);
      page = await browser.newPage();
      faults = [];
      page.on('pageerror', (error) => faults.push(String(error)));
    });
    afterEach(async () => {
      await page.close();
      await running.stop();
      expect(faults).toEqual([]);
    });

    const heading = (name: string) => page.getByRole('heading', { name }).waitFor();
    const path = (): string => page.url().slice(running.url.length);
    /** Goes to a guarded page, and signs in where that leads to. */
    async function signIn(route: string): Promise<void> {
      await page.goto(running.url + route);
      await page.getByRole('button', { name: 'Sign in as ada' }).click();
      await page.getByText('Hello ada').waitFor();
      expect(path()).toBe(route);
    }

    it('is built without a warning, although it contains axios', () => {
      expect(built.printed).toContain('Prerendered 2 static routes.');
      expect(built.printed).not.toMatch(/warning/i);
    });

    describe.each(['/prerendered', '/rendered', '/client'])('on the guarded page %s', (route) => {
      it('a reload leaves a signed-in person on the page, and shows what the API returns', async () => {
        await signIn(route);
        const visited: string[] = [];
        page.on('framenavigated', () => visited.push(path()));
        await page.reload();
        await page.getByText('Hello ada').waitFor();
        await page.getByText('Signed in').waitFor();
        await heading('Orders');
        expect(new Set(visited)).toEqual(new Set([route]));
        expect(running.api.counts.refreshes).toBe(0);
      });

      it('a reload with a dead token makes one refresh', async () => {
        await signIn(route);
        running.api.expire();
        await page.reload();
        await page.getByText('Hello ada').waitFor();
        expect(running.api.counts).toMatchObject({ unauthorized: 1, refreshes: 1 });
      });

      it('the server sends no redirect to a person who is not signed in; the browser then shows the sign-in page', async () => {
        const answer = await fetch(running.url + route, { redirect: 'manual' });
        expect(answer.status).toBe(200);
        expect(await answer.text()).not.toMatch(/http-equiv="refresh"|Sign in/);
        await page.goto(running.url + route);
        await heading('Sign in');
        expect(path()).toBe(`/sign-in?returnTo=${encodeURIComponent(route)}`);
        expect(await page.getByRole('heading', { name: 'Orders' }).count()).toBe(0);
        expect(running.api.counts.requests).toBe(0);
      });
    });
  },
);
