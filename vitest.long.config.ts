import { availableParallelism } from 'node:os';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { browserMissing, browserProject } from './scripts/browser-project.ts';
import { SummaryReporter } from './scripts/summary-reporter.ts';

const conditions = ['sluice-source', ...defaultServerConditions];
const browserTests = 'test/browser/**/*.long.test.ts';
const notRun =
  browserMissing === undefined ? [] : [{ project: 'browser', files: browserTests, reason: browserMissing }];

/** Limits that only a test which hangs reaches. */
const patience = { testTimeout: 60_000, hookTimeout: 120_000 };

/**
 * `npm run test:long`: every order of events, the deliberate faults, all comparisons with axios, the laws of a shared store among
 * processes. Takes minutes, so `npm test` leaves it out.
 */
export default defineConfig({
  test: {
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['verbose', new SummaryReporter(notRun)],
    projects: [
      {
        resolve: { conditions },
        ssr: { resolve: { conditions } },
        test: {
          ...patience,
          name: 'long',
          include: ['test/**/*.long.test.ts'],
          exclude: ['**/node_modules/**', browserTests],
          sequence: { groupOrder: 0 },
        },
      },
      browserProject({ ...patience, name: 'browser', include: [browserTests], sequence: { groupOrder: 1 } }),
    ],
  },
});
