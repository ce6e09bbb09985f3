import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { authApi, type AuthApi } from '../../examples/demo/api/auth-api.ts';
import { type BuiltSsrApp, env } from './angular-ssr-app.ts';

export interface SsrServer {
  readonly url: string;
  readonly api: AuthApi;
  /** The pages that the browser has asked for by a navigation, with the status of the response: `200 /client`. */
  readonly navigations: string[];
  /** The orders that arrived, with the status of the response and the XSRF token in their header. */
  readonly orders: { readonly status: number; readonly xsrf: string | undefined }[];
  /** What the server that renders has printed, without the line that says where it listens. */
  printed(): string;
  stop(): Promise<void>;
}

/** Starts the server that `ng new` made, and one before it that has the API on the same origin. */
export async function serveSsrApp({ dist }: BuiltSsrApp): Promise<SsrServer> {
  const port = String(await freePort());
  const renderer = spawn(process.execPath, [path.join(dist, 'server/server.mjs')], {
    env: { ...env, PORT: port, NG_ALLOWED_HOSTS: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [renderer.stdout, renderer.stderr])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  await once(renderer.stdout, 'data');

  const { front, ...seen } = frontOf(`http://127.0.0.1:${port}`);
  const server = serve({ fetch: front.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  return {
    ...seen,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    printed: () => printed.replace(/^Node Express server listening on .*\n/, ''),
    async stop() {
      server.close();
      if (renderer.kill()) await once(renderer, 'exit');
    },
  };
}

/** The API, whose sign-in and refreshes each set a new XSRF cookie, and the pages of the server that renders. */
function frontOf(renderer: string): Pick<SsrServer, 'api' | 'navigations' | 'orders'> & { readonly front: Hono } {
  const api = authApi(300);
  const navigations: string[] = [];
  const orders: { status: number; xsrf: string | undefined }[] = [];
  let cookies = 0;
  const front = new Hono();
  front.on('POST', ['/api/login', '/api/refresh-token'], async (context, next) => {
    await next();
    cookies += 1;
    context.header('set-cookie', `XSRF-TOKEN=xsrf-${String(cookies)}; Path=/; SameSite=Strict`);
  });
  front.post('/api/orders', async ({ req, body }) => {
    const xsrf = req.header('x-xsrf-token');
    const user = await api.userOf(req.header('authorization'));
    const status = user === null ? 401 : xsrf === `xsrf-${String(cookies)}` ? 201 : 403;
    orders.push({ status, xsrf });
    return body(null, status);
  });
  front.route('/', api.app);
  front.all('*', async ({ req }) => {
    const response = await fetch(new URL(req.path, renderer), { redirect: 'manual' });
    if (req.header('sec-fetch-dest') === 'document') navigations.push(`${String(response.status)} ${req.path}`);
    return response;
  });
  return { front, api, navigations, orders };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
