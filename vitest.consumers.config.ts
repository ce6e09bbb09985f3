import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './scripts/summary-reporter.ts';

/** `npm run test:consumers`: apps and tools of others, installed from the registry. Takes minutes, so `npm test` leaves it out. */
export default defineConfig({
  test: {
    name: 'consumers',
    include: ['test/consumers/**/*.test.ts'],
    globalSetup: 'test/consumers/pack-once.ts',
    testTimeout: 300_000,
    // What takes time is npm, the same disk and network for all.
    maxWorkers: 2,
    reporters: ['verbose', new SummaryReporter([])],
  },
});
