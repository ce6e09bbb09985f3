import { describe, expect, it } from 'vitest';
import { findChromium } from '../../scripts/chromium.ts';
import { holdRequests, patience, useExamplePage } from './page.ts';

const found = await findChromium();

describe.skipIf(typeof found === 'string')('the example of a dashboard', { timeout: 30_000 }, () => {
  const open = useExamplePage('live-dashboard', found, { TOKEN_SECONDS: '300' });

  it('serves its stream, a reload and the next page by one refresh, and the stream loses no measurement', async () => {
    const { page, click, setPace, exchanges } = open();
    await setPace(20);
    const [services, incidents] = [page.locator('#services tbody tr'), page.locator('#incidents tbody tr')];
    await expect.poll(() => services.count(), patience).toBe(6);
    await expect.poll(() => incidents.count(), patience).toBe(8);
    const refresh = await holdRequests(page, '**/api/refresh-token');
    await click('Expire the token');
    await refresh.held;
    await click('Reload');
    await click('Show more');
    await page.getByText('reloading…').waitFor();
    expect(await services.count()).toBe(6);
    refresh.release();

    await expect.poll(() => incidents.count(), patience).toBe(16);
    await page.locator('#services[data-status=resolved]').waitFor();
    await page.locator('#live[data-status=open]').waitFor();
    const streams = await exchanges('/api/board/metrics');
    expect(streams).toMatchObject([
      { lastEventId: null, status: 200, end: 'complete' },
      { status: 401 },
      { lastEventId: streams[1]?.lastEventId, end: 'open' },
    ]);
    expect(Number(streams[2]?.lastEventId)).toBeGreaterThan(0);
    expect(await exchanges('/api/refresh-token')).toMatchObject([{ status: 200 }]);
  });

  it('requests a page only when somebody wants more, until there are no more', async () => {
    const { page, click, setPace, exchanges } = open();
    await setPace(20);
    const incidents = page.locator('#incidents tbody tr');
    for (const count of [8, 16, 24]) {
      await expect.poll(() => incidents.count(), patience).toBe(count);
      expect(await exchanges('/api/board/incidents')).toHaveLength(count / 8);
      await click('Show more');
    }
    await expect.poll(() => incidents.count(), patience).toBe(26);
    expect(await page.locator('#more').isVisible()).toBe(false);
  });

  it('keeps what it shows when a reload fails, and says why', async () => {
    const { page, click, setPace } = open();
    await setPace(20);
    const services = page.locator('#services tbody tr');
    await expect.poll(() => services.count(), patience).toBe(6);
    await page.route('**/api/board/services', (route) => route.fulfill({ status: 503 }));
    await click('Reload');
    await page.getByText('Request failed with status code 503').waitFor();
    expect(await services.count()).toBe(6);
    await page.unroute('**/api/board/services');
    await click('Try again');
    await page.locator('#services[data-status=resolved]').waitFor();
  });

  it('says that its stream has ended, and why', async () => {
    const { page, click, setPace } = open();
    await setPace(20);
    await page.locator('#live[data-status=open]').waitFor();
    await page.route('**/api/board/metrics', (route) => route.fulfill({ status: 403 }));
    await click('Expire the token');
    await page.getByText('ended: Request failed with status code 403').waitFor();
  });
});
