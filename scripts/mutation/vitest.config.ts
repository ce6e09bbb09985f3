import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

const conditions = ['sluice-source', ...defaultServerConditions];

/**
 * The tests of some folders, without the reporters and browsers of the usual configuration. The limits are for tests that hang: one test
 * over vitest's own 5 s, on a busy machine, would end the whole run before the first mutant.
 */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: (process.env['MUTATION_TESTS'] ?? '').split(',').map((folder) => `test/${folder}/**/*.test.ts`),
    // Tests that look at globals, or count all timers, see those of other files when the files share their modules.
    exclude: ['**/*.long.test.ts', '**/*-on-a-server.test.ts', '**/shared-store-random.test.ts'],
    // A mutant takes half of the time if the test files share their modules. Stryker switches mutants on without loading a module again.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
