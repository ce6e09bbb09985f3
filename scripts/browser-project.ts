import { playwright } from '@vitest/browser-playwright';
import { msw } from 'msw/vite';
import { defaultClientConditions } from 'vite';
import type { TestProjectInlineConfiguration } from 'vitest/config';
import { serverCommands } from '../test/browser/server-commands.ts';
import { findChromium } from './chromium.ts';

const chromium = await findChromium();

/** Why tests in a browser cannot run on this machine; `undefined` if they can. */
export const browserMissing: string | undefined = typeof chromium === 'string' ? chromium : undefined;

/** A project of tests that run in a page of Chromium. It has no tests where there is no Chromium. */
export function browserProject(
  test: NonNullable<TestProjectInlineConfiguration['test']> & { readonly include: string[] },
): TestProjectInlineConfiguration {
  return {
    resolve: { conditions: ['sluice-source', ...defaultClientConditions] },
    plugins: [msw({ mode: 'worker-only' })],
    // Known before the first test runs: a dependency found later would reload the page under it.
    optimizeDeps: { include: ['axios', 'msw', 'msw/browser', 'rxjs', 'rxjs/ajax', 'rxjs/fetch', 'rxjs/testing'] },
    test: {
      ...test,
      include: browserMissing === undefined ? test.include : [],
      browser: {
        enabled: browserMissing === undefined,
        headless: true,
        screenshotFailures: false,
        commands: serverCommands,
        provider: playwright(typeof chromium === 'string' ? {} : { launchOptions: chromium }),
        instances: [{ browser: 'chromium' }],
      },
    },
  };
}
