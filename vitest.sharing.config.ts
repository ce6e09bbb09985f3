import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { findPostgres, findRedis } from './scripts/storage-engines.ts';
import { SummaryReporter } from './scripts/summary-reporter.ts';

/** Tests that need a server which is not on this machine are skipped aloud. */
const notRun = [
  { reason: findRedis(), files: 'test/sharing/node/*redis*.test.ts' },
  { reason: findPostgres(), files: 'test/sharing/node/*postgres*.test.ts' },
].flatMap(({ reason, files }) => (typeof reason === 'string' ? [{ project: 'sharing', files, reason }] : []));

/** `npm run test:sharing`: one session for many processes, on real engines. Takes minutes, so `npm test` leaves it out. */
export default defineConfig({
  resolve: { conditions: ['sluice-source', ...defaultServerConditions] },
  ssr: { resolve: { conditions: ['sluice-source', ...defaultServerConditions] } },
  test: {
    name: 'sharing',
    include: ['test/sharing/**/*.test.ts'],
    exclude: notRun.map(({ files }) => files),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The tests have eight processes each, and leases of real time.
    maxWorkers: 1,
    reporters: ['default', new SummaryReporter(notRun)],
  },
});
