import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import type { AuthApi } from '../../demo/api/auth-api.ts';
import { portApi } from './port-api.ts';

export interface RunningExample {
  readonly api: AuthApi;
  readonly server: Server;
  readonly url: string;
}

/**
 * Serves a production build and its API on one origin, as most deployments do.
 *
 * @param dist - the folder with `index.html`
 * @param port - 0 for any free one
 */
export async function serveExample(dist: string, port: number, lifetimeSeconds: number): Promise<RunningExample> {
  const api = portApi(lifetimeSeconds);
  api.app.use('*', serveStatic({ root: path.relative(process.cwd(), dist) }));
  // A reload of `/ships` gets `index.html`, whose router shows the page.
  api.app.get('*', async (context) => context.html(await readFile(path.join(dist, 'index.html'), 'utf8')));
  const listener = getRequestListener(api.app.fetch);
  const server = createServer((request, response) => {
    if (api.mischief.offline && request.url?.startsWith('/api/port/')) request.socket.destroy();
    else void listener(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  return { api, server, url: `http://127.0.0.1:${String(actual)}` };
}
