import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';
import { apiPlugin } from './api/plugin.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

export default defineConfig({
  root: here,
  cacheDir: fileURLToPath(new URL('../../node_modules/.cache/demo', import.meta.url)),
  // `import 'sluice'` is `src/`, not a build.
  resolve: { conditions: ['sluice-source', ...defaultClientConditions] },
  plugins: [apiPlugin(8)],
});
