import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { findNginx, findPostgres, findRedis } from './scripts/storage-engines.ts';
import { SummaryReporter } from './scripts/summary-reporter.ts';

/** Tests that need a server which is not on this machine are skipped aloud. */
const notRun = [
  { reason: findRedis(), files: 'test/sharing/node/*redis*.test.ts' },
  { reason: findPostgres(), files: 'test/sharing/node/*postgres*.test.ts' },
  { reason: findNginx(), files: 'test/sharing/node/*nginx*.test.ts' },
].flatMap(({ reason, files }) => (typeof reason === 'string' ? [{ project: 'sharing', files, reason }] : []));

/**
 * `npm run test:sharing`: one session among real tabs, processes and machines, and live streams in whole
 * browsers and through a proxy. Takes minutes, so `npm test` leaves it out. How many rounds
 * each test plays is in `SHARING_ROUNDS`: 10 unless told otherwise, 100 in the long form.
 */
export default defineConfig({
  resolve: { conditions: ['sluice-source', ...defaultServerConditions] },
  ssr: { resolve: { conditions: ['sluice-source', ...defaultServerConditions] } },
  test: {
    name: 'sharing',
    include: ['test/sharing/**/*.test.ts'],
    exclude: notRun.map(({ files }) => files),
    testTimeout: 300_000,
    hookTimeout: 60_000,
    // Each file has browsers or processes of its own, which need the cores for themselves.
    fileParallelism: false,
    reporters: ['verbose', new SummaryReporter(notRun)],
  },
});
