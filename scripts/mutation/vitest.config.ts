import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

const conditions = ['sluice-source', ...defaultServerConditions];

/**
 * The tests of one folder of `src/`, without the reporters and browsers of the usual configuration. The limits are for tests that hang: one
 * test over vitest's own 5 s, on a busy machine, would end the whole run before the first mutant.
 */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [`test/${process.env['MUTATION_TESTS'] ?? ''}/**/*.test.ts`],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
