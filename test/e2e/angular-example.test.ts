import { describe, expect, it } from 'vitest';
import { findChromium } from '../../scripts/chromium.ts';
import { useQuayside } from './quayside.ts';

const found = await findChromium();

describe.skipIf(typeof found === 'string')('the Angular example, built for production', () => {
  const start = useQuayside(found);

  it('redirects a visitor to the sign-in page, and afterwards to the page that they wanted', async () => {
    const { page, url, signIn, path } = start();
    await page.goto(`${url}/ships`);
    await page.getByRole('heading', { name: 'Harbour office' }).waitFor();
    expect(path()).toBe('/sign-in?returnTo=%2Fships');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('do not go together').waitFor();
    await signIn();
    await page.getByRole('cell', { name: 'Marguerite' }).waitFor();
    expect(path()).toBe('/ships');
  });

  it('serves a dozen calls by HttpClient and by the axios client with one refresh', async () => {
    const { page, api, signIn, click, done, since } = start();
    await signIn();
    await expect.poll(() => done.count()).toBe(12);
    const before = { ...api.counts };
    api.expire();
    await click('Reload all');
    await page.getByText('token 2').waitFor();
    await expect.poll(() => done.count()).toBe(12);
    expect(since(before)).toEqual({ requests: 24, unauthorized: 12, refreshes: 1 });
  });

  it('closes the connections of searches whose results are no longer wanted', async () => {
    const { page, api, signIn } = start();
    await signIn();
    await page.getByRole('link', { name: 'Ships' }).click();
    await page.getByRole('searchbox').pressSequentially('gann', { delay: 60 });
    await page.getByRole('list', { name: 'Found' }).getByText('Gannet').waitFor();
    expect(api.counts.closedEarly).toBe(3);
  });

  it('ends every call when somebody signs out during the refresh, and stays signed out', async () => {
    const { page, api, signIn, click, done, path, since } = start();
    await signIn();
    await expect.poll(() => done.count()).toBe(12);
    api.mischief = { ...api.mischief, refresh: 'slow' };
    const before = { ...api.counts };
    api.expire();
    await click('Reload all');
    await page.getByText('renewing…').waitFor();
    await expect.poll(() => since(before).unauthorized).toBe(12);
    const cancelled = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/refresh-token'));
    await click('Sign out');
    expect((await cancelled).failure()?.errorText).toBe('net::ERR_ABORTED');
    await page.getByRole('heading', { name: 'Harbour office' }).waitFor();
    expect(path()).toBe('/sign-in');
    expect(since(before)).toEqual({ requests: 12, unauthorized: 12, refreshes: 1 });
    expect(await page.evaluate(storedTexts)).not.toMatch(/accessToken/);
    await page.reload();
    await page.getByRole('heading', { name: 'Harbour office' }).waitFor();
  });

  it('asks for the password when the refresh is refused, and waiting calls continue after it', async () => {
    const { page, api, signIn, click, done, dialog, since } = start();
    await signIn();
    await expect.poll(() => done.count()).toBe(12);
    api.mischief = { ...api.mischief, refresh: 'refused' };
    const before = { ...api.counts };
    api.expire();
    await click('Reload all');
    await dialog.getByText('Still there?').waitFor();
    expect(await done.count()).toBe(0);
    await dialog.locator('input[type=password]:focus').waitFor();
    expect(since(before)).toEqual({ requests: 12, unauthorized: 12, refreshes: 1 });

    await dialog.getByLabel('Password').fill('wrong');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByText('Try once more').waitFor();
    await dialog.getByLabel('Password').fill('quay');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await expect.poll(() => done.count()).toBe(12);
    await dialog.waitFor({ state: 'hidden' });
    expect(since(before)).toEqual({ requests: 24, unauthorized: 12, refreshes: 1 });
    await page.getByText('token 2').waitFor();
  });

  it.each(['Sign out', 'Escape'])('ends the session when the person refuses to sign in again by %s', async (way) => {
    const { page, api, signIn, click, dialog, path } = start();
    await signIn();
    api.mischief = { ...api.mischief, refresh: 'refused' };
    api.expire();
    await click('Reload all');
    await dialog.getByText('Still there?').waitFor();
    if (way === 'Escape') await page.keyboard.press('Escape');
    else await dialog.getByRole('button', { name: way }).click();
    await page.getByRole('heading', { name: 'Harbour office' }).waitFor();
    expect(path()).toBe('/sign-in');
    expect(await dialog.isVisible()).toBe(false);
  });

  it('keeps the session over a reload', async () => {
    const { page, api, signIn, done } = start();
    await signIn();
    await expect.poll(() => done.count()).toBe(12);
    const before = api.counts.refreshes;
    await page.reload();
    await expect.poll(() => done.count()).toBe(12);
    await page.getByRole('status').getByText('ada').waitFor();
    expect(api.counts.refreshes).toBe(before);
  });

  it('shows the progress of an upload', async () => {
    const { page, api, signIn } = start();
    await signIn();
    await page.getByRole('link', { name: 'Manifests' }).click();
    const network = await page.context().newCDPSession(page);
    const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 4_000_000 };
    await network.send('Network.emulateNetworkConditions', slow);
    const seen = page.evaluate(async () => {
      const bar = document.querySelector('progress')!;
      const values: number[] = [];
      await new Promise<void>((resolve) => {
        new MutationObserver(() => {
          values.push(bar.value);
          if (bar.value === 1) resolve();
        }).observe(bar, { attributes: true });
      });
      return values;
    });
    api.expire();
    const buffer = Buffer.alloc(4_000_000, 'x');
    await page.getByLabel('Cargo manifest').setInputFiles({ name: 'cargo.csv', mimeType: 'text/csv', buffer });
    await page.getByText('Stored 4,000,000 bytes.').waitFor();
    const between = (await seen).filter((value) => value > 0 && value < 1);
    expect(between.length).toBeGreaterThan(2);
    expect(api.counts).toMatchObject({ refreshes: 1 });
  });
});

/** Everything that the page keeps, as text. */
async function storedTexts(): Promise<string> {
  const settled = <R>(request: IDBRequest<R>): Promise<R> =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('no error'));
    });
  const database = await settled(indexedDB.open('sluice', 1));
  const records = await settled(database.transaction('records').objectStore('records').getAll());
  if (records.length === 0) throw new Error('There is no record.');
  return JSON.stringify([records, localStorage]);
}
