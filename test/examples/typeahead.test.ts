import { describe, expect, it } from 'vitest';
import { findChromium } from '../../scripts/chromium.ts';
import { holdRequests, patience, useExamplePage } from './page.ts';

const found = await findChromium();

describe.skipIf(typeof found === 'string')('the example of a search box', { timeout: 30_000 }, () => {
  const open = useExamplePage('typeahead', found);
  const search = (q: string): string => `/api/search?q=${q}`;

  it('closes the connection of each search that the next letter makes useless', async () => {
    const { page, setPace, exchanges } = open();
    const box = page.locator('#query:enabled');
    await setPace(20_000);
    for (const [n, letter] of ['s', 'w', 'i'].entries()) {
      await box.press(letter);
      await expect.poll(() => exchanges('/api/search'), patience).toHaveLength(n + 1);
    }
    await setPace(0);
    await box.press('t');
    await page.getByRole('link', { name: 'switchMap', exact: true }).waitFor();
    const seen = (await exchanges('/api/search')).map(({ path, end }) => [path, end]);
    expect(seen).toEqual([
      [search('s'), 'closed'],
      [search('sw'), 'closed'],
      [search('swi'), 'closed'],
      [search('swit'), 'complete'],
    ]);
    await page.getByText('Answered: 1. Closed by this page: 3.').waitFor();
  });

  it('sends after the refresh only the last search, when the earlier ones were abandoned meanwhile', async () => {
    const { page, setPace, click, exchanges } = open();
    await setPace(0);
    await page.locator('#query:enabled').waitFor();
    const refresh = await holdRequests(page, '**/api/refresh-token');
    await click('Expire the token');
    const box = page.locator('#query:enabled');
    await box.press('r');
    await refresh.held;
    await box.press('e');
    await box.press('t');
    refresh.release();
    await page.getByRole('link', { name: 'retry', exact: true }).waitFor();
    const seen = (await exchanges('/api/search')).map(({ path, status }) => [path, status]);
    expect(seen).toEqual([
      [search('r'), 401],
      [search('ret'), 200],
    ]);
    expect(await exchanges('/api/refresh-token')).toMatchObject([{ status: 200 }]);
  });
});
