import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { freePort } from './child-server.ts';

/** A response of the gateway, and the process that sent it. */
export interface GatewayAnswer {
  readonly status: number;
  readonly body: string;
  readonly worker: string;
  readonly cookies: readonly string[];
}

export interface Gateway {
  /** Sends a request on a connection of its own, so that any worker may get it. Rejects if the connection breaks. */
  ask(path: string, options?: { readonly cookie?: string; readonly post?: object }): Promise<GatewayAnswer>;
  close(): Promise<void>;
}

/** Starts `examples/gateway` in processes of its own. Resolves when all workers listen. */
export async function startGateway(env: Readonly<Record<string, string>>): Promise<Gateway> {
  const port = await freePort();
  const args = ['--conditions=sluice-source', 'examples/gateway/main.ts'];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => {
      if (text.toString().includes('is open')) resolve();
    });
    child.once('exit', () => reject(new Error('The gateway does not start.')));
  });
  return {
    ask: (path, { cookie, post } = {}) =>
      new Promise((resolve, reject) => {
        const headers = {
          ...(cookie !== undefined && { cookie }),
          ...(post && { 'content-type': 'application/json' }),
        };
        const sent = request({ port, path, method: post ? 'POST' : 'GET', headers, agent: false }, (answer) => {
          const chunks: Buffer[] = [];
          answer.on('error', reject);
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              body: Buffer.concat(chunks).toString(),
              worker: String(answer.headers['x-worker']),
              cookies: answer.headers['set-cookie'] ?? [],
            }),
          );
        });
        sent.on('error', reject);
        sent.end(post && JSON.stringify(post));
      }),
    close: async () => {
      child.kill();
      await ended;
    },
  };
}
