import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../scripts/chromium.ts';
import { installApp } from './consumer-app.ts';
import { appFiles, inFolder, peers, sources } from './sources.ts';
import { proves } from './works-with.ts';

const found = await findChromium();
let browser: Browser | undefined;
beforeAll(async () => {
  if (typeof found === 'string') console.warn(`SKIPPED: the page of Next.js in a browser: ${found}`);
  else browser = await chromium.launch(found);
});
afterAll(() => browser?.close());

const files = ['layout.tsx', 'page.tsx', 'outcome.tsx', 'ask.ts', 'api/token/route.ts'].map((name) => `app/${name}`);

describe.concurrent('Next.js 16', () => {
  it.for([
    ['Turbopack', 'next build'],
    ['webpack', 'next build --webpack'],
  ] as const)(
    'builds by %s a page that uses Sluice on the server and in the browser',
    async ([bundler, command], { task, onTestFinished }) => {
      const { typescript } = await sources(peers, 'browser');
      const app = await installApp({
        dependencies: {
          ...peers,
          ...Object.fromEntries(['react', 'react-dom', '@types/react'].map((name) => [name, '^19.0.0'])),
          next: '^16.0.0',
          typescript: '~5.9.0',
          '@types/node': '^22.0.0',
        },
        files: { ...(await appFiles('next', files)), ...inFolder('app', typescript) },
      });
      onTestFinished(() => app.remove());
      await proves(task, app, 'next', {
        section: 'Frameworks',
        tool: 'Next.js 16',
        how: `\`${command}\` (${bundler})`,
      });
      await app.run(command);
      expect(await app.read('.next/server/app/index.html')).toContain('On the server: <!-- -->healed');
      if (browser) await loads(browser, await app.serve('next start -H 127.0.0.1 -p 0', onTestFinished));
    },
  );
});

/** Opens the page, which must take over the HTML of the server without an error, send its request with a token, and react to a click. */
async function loads(browser: Browser, url: string): Promise<void> {
  const page = await browser.newPage();
  const faults: string[] = [];
  const sent: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (['warning', 'error'].includes(message.type())) faults.push(message.text());
  });
  page.on('response', (response) => {
    if (response.url() !== `${url}/api/token`) return;
    sent.push(`${response.request().headers()['authorization'] ?? 'no token'}: ${String(response.status())}`);
  });
  await page.goto(url);
  await page.getByText('The server has accepted: Bearer good').waitFor();
  await page.getByRole('button', { name: 'In the browser: not tried' }).click();
  await page.getByRole('button', { name: 'In the browser: healed' }).waitFor();
  await page.close();
  expect(sent).toEqual(['Bearer dead: 401', 'Bearer good: 200']);
  expect(faults).toEqual([expect.stringContaining('the server responded with a status of 401')]);
}
