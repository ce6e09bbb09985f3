import { getRequestListener } from '@hono/node-server';
import type { Plugin } from 'vite';
import { authApi } from './auth-api.ts';

/** Serves the API beside the page, under `/api`, from the same command. */
export function apiPlugin(lifetimeSeconds: number): Plugin {
  return {
    name: 'auth-api',
    configureServer({ middlewares }) {
      const api = authApi(lifetimeSeconds);
      const listener = getRequestListener(api.app.fetch);
      middlewares.use((request, response, next) => {
        const { url = '' } = request;
        if (!url.startsWith('/api/')) next();
        else if (api.mischief.offline && url !== '/api/control') request.socket.destroy();
        else void listener(request, response);
      });
    },
  };
}
