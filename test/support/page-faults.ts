import type { Page } from 'playwright-core';

/**
 * Collects the errors of a page from now on: those that nobody catches, and those that it logs. The lines that Chromium itself logs
 * for each 401 and each broken connection do not count, because the tests cause those.
 */
export function faultsOf(page: Page): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(message.text());
  });
  return faults;
}
