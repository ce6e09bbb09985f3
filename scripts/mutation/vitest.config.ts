import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

const conditions = ['sluice-source', ...defaultServerConditions];

/** The tests of one folder of `src/`, without the reporters and browsers of the usual configuration. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: [`test/${process.env['MUTATION_TESTS'] ?? ''}/**/*.test.ts`] },
});
