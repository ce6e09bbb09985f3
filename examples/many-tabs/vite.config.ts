import { fileURLToPath } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { manyTabsApi } from './api.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const LIFETIME_SECONDS = 20;

/** Serves the API beside the page, from the same command. */
const api: Plugin = {
  name: 'many-tabs-api',
  configureServer({ middlewares }) {
    const listener = getRequestListener(manyTabsApi(LIFETIME_SECONDS).fetch);
    middlewares.use((request, response, next) => {
      if (request.url?.startsWith('/api/')) void listener(request, response);
      else next();
    });
  },
};

export default defineConfig({
  root: here,
  cacheDir: fileURLToPath(new URL('../../node_modules/.cache/many-tabs', import.meta.url)),
  // `import 'sluice'` is `src/`, not a build.
  resolve: { conditions: ['sluice-source', ...defaultClientConditions] },
  plugins: [api],
});
