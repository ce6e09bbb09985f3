import { availableParallelism } from 'node:os';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './scripts/summary-reporter.ts';

const conditions = ['sluice-source', ...defaultServerConditions];

/** `npm run test:long`: every order of events, the deliberate faults, random requests. Takes minutes, so `npm test` leaves it out. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'long',
    include: ['test/**/*.long.test.ts'],
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['verbose', new SummaryReporter([])],
  },
});
