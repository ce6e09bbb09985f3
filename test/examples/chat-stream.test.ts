import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { piecesOfAnswer } from '../../examples/chat-stream/answers.ts';
import { findChromium } from '../../scripts/chromium.ts';
import { patience, useExamplePage } from './page.ts';

const found = await findChromium();
const question = 'What happens when the token expires?';
/** The text of an answer as a person reads it: paragraphs, without the marks of code and emphasis. */
const shown = piecesOfAnswer(question).join('').replace(/[`*]/g, '').split('\n\n');

describe.skipIf(typeof found === 'string')('the example of a chat', { timeout: 30_000 }, () => {
  const open = useExamplePage('chat-stream', found, { TOKEN_SECONDS: '300' });
  const words = async (text: Locator): Promise<number> => (await text.textContent())?.split(/\s+/).length ?? 0;

  it('continues an answer without a gap or a doubled word after its token is rejected in the middle', async () => {
    const { page, click, setPace, exchanges } = open();
    await setPace(60);
    await page.getByRole('button', { name: question }).click();
    const text = page.locator('.text');
    await expect.poll(() => words(text), patience).toBeGreaterThan(10);
    await click('Expire the token');
    await setPace(1);
    await page.locator('[data-phase=complete]').waitFor();

    expect(await text.locator('p').allTextContents()).toEqual(shown);
    expect(await text.locator('.seam').count()).toBe(1);
    const requests = await exchanges('/api/chat/');
    expect(requests).toMatchObject([
      { status: 200, lastEventId: null },
      { status: 401, end: 'complete' },
      { status: 200, lastEventId: requests[1]?.lastEventId },
    ]);
    expect(Number(requests[2]?.lastEventId)).toBeGreaterThanOrEqual(9);
    expect(new Set(requests.map(({ path }) => path)).size).toBe(1);
    expect(await exchanges('/api/refresh-token')).toMatchObject([{ status: 200 }]);
    await page.getByText('1 refresh', { exact: true }).waitFor();
  });

  it.each(['Stop', 'Escape'])(
    'closes the connection of an answer by %s, and accepts the next question',
    async (way) => {
      const { page, click, setPace, exchanges } = open();
      await setPace(60);
      const box = page.getByLabel('Your question');
      await page.locator('#send:disabled').waitFor();
      await box.fill('Why does Stop matter?');
      await box.press('Enter');
      await expect.poll(() => words(page.locator('.text')), patience).toBeGreaterThan(5);
      if (way === 'Stop') await click('Stop');
      else await page.keyboard.press('Escape');
      await page.getByText(/^stopped · /).waitFor();
      await expect.poll(() => exchanges('/api/chat/'), patience).toMatchObject([{ status: 200, end: 'closed' }]);
      await setPace(0);
      await box.fill('Tell me more.');
      await click('Send');
      await page.locator('[data-phase=complete]').waitFor();
      expect(await exchanges('/api/chat/')).toHaveLength(2);
    },
  );
});
