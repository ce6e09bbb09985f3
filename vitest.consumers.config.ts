import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './scripts/summary-reporter.ts';
import { WorksWithReporter } from './test/consumers/works-with-reporter.ts';

/** `npm run test:consumers`: apps and tools of others, installed from the registry. Takes minutes, so `npm test` leaves it out. */
export default defineConfig({
  test: {
    name: 'consumers',
    include: ['test/consumers/**/*.test.ts'],
    globalSetup: 'test/consumers/pack-once.ts',
    // Generous: a busy machine takes minutes to install an app, and as long to build it.
    testTimeout: 900_000,
    hookTimeout: 600_000,
    // What takes time is npm, the same disk and network for all.
    maxWorkers: 2,
    maxConcurrency: 2,
    reporters: ['verbose', new WorksWithReporter(), new SummaryReporter([])],
  },
});
