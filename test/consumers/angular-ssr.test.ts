import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../scripts/chromium.ts';
import { type BuildSsrApp, makeSsrApp } from './angular-ssr-app.ts';
import { visits } from './angular-ssr-visit.ts';

const found = await findChromium();

describe.skipIf(typeof found === 'string')('an application made by `ng new --ssr`, as documented', () => {
  let build: BuildSsrApp;
  let browser: Browser;
  beforeAll(async () => {
    build = await makeSsrApp();
    browser = await chromium.launch(typeof found === 'string' ? {} : found);
  }, 900_000);
  afterAll(() => browser.close());

  describe.each(['webStore', 'localStorageStore'] as const)('with its tokens in %s()', (store) => {
    const visit = visits(
      () => build(store, 'production'),
      () => browser,
    );

    it('is built and prerendered without a warning, although it contains axios, and does not read localStorage', () => {
      expect(visit.built.printed).toContain('Prerendered 2 static routes.');
      expect(visit.built.printed).not.toMatch(/warning|error/i);
    });

    it('an order that is sent again after a refresh has the XSRF token that the refresh has set', async () => {
      const { now } = visit;
      await now.signIn('/rendered');
      await now.reload('/rendered');
      now.server.api.expire();
      await now.page.getByRole('button', { name: 'Order tea' }).click();
      await now.page.getByText('Ordered').waitFor();
      expect(now.server.orders).toEqual([
        { status: 401, xsrf: 'xsrf-1' },
        { status: 201, xsrf: 'xsrf-2' },
      ]);
      expect(now.server.api.counts).toMatchObject({ unauthorized: 1, refreshes: 1 });
    });

    describe.each(['/prerendered', '/rendered', '/client'])('on the guarded page %s', (route) => {
      it('a reload leaves a signed-in person there, shows what the API returns, and makes no refresh', async () => {
        await visit.now.signIn(route);
        await visit.now.reload(route);
        expect(visit.now.server.api.counts).toMatchObject({ unauthorized: 0, refreshes: 0 });
      });

      it('a reload with a dead token makes one refresh', async () => {
        await visit.now.signIn(route);
        visit.now.server.api.expire();
        await visit.now.reload(route);
        expect(visit.now.server.api.counts).toMatchObject({ unauthorized: 1, refreshes: 1 });
      });

      it('the server sends no redirect to a person who is not signed in; the browser then shows the sign-in page', async () => {
        const { page, server } = visit.now;
        const answer = await fetch(server.url + route, { redirect: 'manual' });
        expect(answer.status).toBe(200);
        expect(await answer.text()).not.toMatch(/http-equiv="refresh"|Sign in/);
        await page.goto(server.url + route);
        await visit.now.heading('Sign in');
        expect(visit.now.path()).toBe(`/sign-in?returnTo=${encodeURIComponent(route)}`);
        expect(await page.getByRole('heading', { name: 'Orders' }).count()).toBe(0);
        expect(server.navigations).toEqual([`200 ${route}`]);
        expect(server.api.counts.requests).toBe(0);
      });
    });
  });

  // Only such a build reports on the console what does not fit when Angular takes over the page of the server.
  describe('built for development, with a store that is ready before the page of the server is taken over', () => {
    const visit = visits(
      () => build('localStorageStore', 'development'),
      () => browser,
    );

    it.each(['/prerendered', '/rendered'])(
      'takes over all of %s for a signed-in person, without a warning',
      async (route) => {
        await visit.now.signIn(route);
        visit.now.notes.length = 0;
        await visit.now.reload(route);
        await expect
          .poll(() => visit.now.notes)
          .toContainEqual(
            expect.stringMatching(/^Angular hydrated [1-9]\d* component.* 0 component\(s\) were skipped/),
          );
      },
    );
  });
});
