import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './scripts/summary-reporter.ts';

/**
 * `npm run test:sharing`: one session among real tabs, processes and machines. Takes minutes, so `npm test` leaves it out. How many rounds
 * each test plays is in `SHARING_ROUNDS`: 10 unless told otherwise, 100 in the long form.
 */
export default defineConfig({
  ssr: { resolve: { conditions: ['sluice-source', ...defaultServerConditions] } },
  test: {
    name: 'sharing',
    include: ['test/sharing/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 60_000,
    // Each file has browsers or processes of its own, which need the cores for themselves.
    fileParallelism: false,
    reporters: ['verbose', new SummaryReporter([])],
  },
});
