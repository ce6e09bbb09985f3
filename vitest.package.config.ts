import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './scripts/summary-reporter.ts';

/** Limits that only a test which hangs reaches. */
const patience = { testTimeout: 60_000, hookTimeout: 120_000, expect: { poll: { timeout: 30_000 } } };

/**
 * `npm run test:package`: the packed package, installed with the newest and the oldest peers, and the Angular example, built for production
 * from it. Takes minutes, so `npm test` leaves it out.
 */
export default defineConfig({
  test: {
    reporters: ['default', new SummaryReporter([])],
    projects: [
      {
        test: {
          ...patience,
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: 'test/package/install-consumers.ts',
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...patience,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/e2e/build.ts',
          // Packs too, and so never while the former group does.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
