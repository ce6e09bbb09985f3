import { availableParallelism } from 'node:os';
import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { browserMissing, browserProject } from './scripts/browser-project.ts';
import { SummaryReporter } from './scripts/summary-reporter.ts';
import { CasesReporter } from './test/streams/cases-reporter.ts';

const browserTests = 'test/browser/**/!(*.long).test.ts';
/** They have configurations of their own, because they take minutes. */
const longTests = ['test/**/*.long.test.ts', 'test/package/**', 'test/e2e/**', 'test/consumers/**', 'test/sharing/**'];
const notRun =
  browserMissing === undefined ? [] : [{ project: 'browser', files: browserTests, reason: browserMissing }];

/** `import 'sluice'` in a test is `src/`, not a build. */
const source = {
  resolve: { conditions: ['sluice-source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['sluice-source', ...defaultServerConditions] } },
};

/**
 * Limits that only a test which hangs reaches. vitest's own, 5 seconds for a test and one for `expect.poll`, are sometimes too short for
 * a busy machine.
 */
const patience = { testTimeout: 60_000, hookTimeout: 120_000, expect: { poll: { timeout: 30_000 } } };

export default defineConfig({
  test: {
    // All cores of a small machine: else one of two stays idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', new CasesReporter(), new SummaryReporter(notRun)],
    passWithNoTests: notRun.length > 0,
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text'], reportOnFailure: true },
    projects: [
      {
        ...source,
        test: {
          ...patience,
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [
            // `exclude` replaces the default of vitest, and test/conformance has packages of its own.
            '**/node_modules/**',
            browserTests,
            ...longTests,
            'test/angular/**',
          ],
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...source,
        test: {
          ...patience,
          name: 'angular',
          include: ['test/angular/**/*.test.ts'],
          setupFiles: ['test/angular/setup.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['test/types/**/*.test-d.ts'],
            tsconfig: 'test/types/tsconfig.json',
          },
          sequence: { groupOrder: 1 },
        },
      },
      browserProject({ ...patience, name: 'browser', include: [browserTests], sequence: { groupOrder: 1 } }),
    ],
  },
});
