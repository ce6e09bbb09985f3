import { fileURLToPath } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import { defaultClientConditions, type Plugin, type UserConfig } from 'vite';
import { authApi, type AuthApi } from '../demo/api/auth-api.ts';
import { ExchangeLog } from './exchange-log.ts';

/** How long the API of an example takes, in milliseconds. `POST /api/pace` changes it. */
export interface Pace {
  ms: number;
}

/** An example that is one page and the API beside it. */
export interface PageExample {
  /** `import.meta.url` of its `vite.config.ts`. */
  readonly url: string;
  /** How long an access token lives. */
  readonly lifetimeSeconds: number;
  readonly paceMs: number;
  /** Adds the routes of the example to an API that can already sign in and refresh. */
  addRoutes(api: AuthApi, pace: Pace): void;
}

/** Returns the configuration of Vite for an example: one command serves the page and, under `/api`, its API. */
export function pageConfig(example: PageExample): UserConfig {
  const root = fileURLToPath(new URL('.', example.url));
  return {
    root,
    cacheDir: `${root}../../node_modules/.cache/${root.split('/').at(-2) ?? 'example'}`,
    // `import 'sluice'` is `src/`, not a build.
    resolve: { conditions: ['sluice-source', ...defaultClientConditions] },
    optimizeDeps: { include: ['axios', 'jwt-decode', 'rxjs'] },
    plugins: [apiOf(example)],
  };
}

function apiOf({ lifetimeSeconds, paceMs, addRoutes }: PageExample): Plugin {
  return {
    name: 'example-api',
    configureServer({ middlewares }) {
      const log = new ExchangeLog();
      const api = authApi(lifetimeSeconds);
      const pace = { ms: paceMs };
      addRoutes(api, pace);
      api.app.post('/api/pace', async (context) => {
        Object.assign(pace, await context.req.json());
        return context.json(pace);
      });
      // What the server has seen, for the page to show and for the tests to check.
      api.app.get('/api/exchanges', (context) => context.json(log.exchanges));
      const listener = getRequestListener(api.app.fetch);
      middlewares.use((request, response, next) => {
        const { url = '' } = request;
        if (!url.startsWith('/api/')) {
          next();
          return;
        }
        if (!/^\/api\/(exchanges|control|pace)/.test(url)) log.note(request, response);
        void listener(request, response);
      });
    },
  };
}
