import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

const conditions = ['sluice-source', ...defaultServerConditions];

/**
 * The tests of one folder, without the reporters and browsers of the usual configuration. The limits are for tests that hang: one test
 * over vitest's own 5 s, on a busy machine, would end the whole run before the first mutant.
 */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [`test/${process.env['MUTATION_TESTS'] ?? ''}/**/*.test.ts`],
    // Those of `on-a-server` look at globals, which the files of a folder share.
    exclude: ['**/*.long.test.ts', '**/*-on-a-server.test.ts'],
    // A mutant takes half of the time if the test files share their modules. Stryker switches mutants on without loading a module again.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
