import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { firstValueFrom } from 'rxjs';
import { createClient, type Client } from 'sluice';
import { eventStream } from 'sluice/streams';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findNginx } from '../../../scripts/storage-engines.ts';
import { waitFor } from '../../support/wait-for.ts';

const nginx = findNginx();
// Where there is none, the configuration of these tests leaves the file out, and says so.
const program = typeof nginx === 'string' ? '' : nginx.program;

describe.each(['http', 'fetch'] as const)('an event stream through nginx, with the %s adapter,', (adapter) => {
  let folder: string;
  let upstream: Server;
  let proxy: ChildProcess;
  let api: Client;
  /** The paths whose response the server has ended, and those whose connection was closed before. */
  const [ended, closed]: [string[], string[]] = [[], []];

  beforeAll(async () => {
    upstream = createServer(({ url = '' }, response) => {
      const isLive = url === '/live';
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        ...(isLive && { 'x-accel-buffering': 'no' }),
      });
      response.write('data: a\n\n');
      response.on('close', () => (response.writableFinished ? ended : closed).push(url));
      if (isLive) return;
      setTimeout(() => response.end('data: b\n\n'), 300);
    }).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    folder = await mkdtemp(path.join(tmpdir(), 'sluice-nginx-'));
    const port = await freePort();
    await writeFile(path.join(folder, 'nginx.conf'), configuration(folder, port, portOf(upstream)));
    const log = path.join(folder, 'error.log');
    proxy = spawn(program, ['-c', path.join(folder, 'nginx.conf'), '-e', log], { stdio: 'ignore' });
    api = createClient({ baseURL: `http://127.0.0.1:${String(port)}`, adapter });
    await waitFor(() => firstValueFrom(api.get('/ready')));
  });
  afterAll(async () => {
    proxy.kill();
    await once(proxy, 'exit');
    upstream.closeAllConnections();
    upstream.close();
    await rm(folder, { recursive: true });
  });

  it('arrives at once with `X-Accel-Buffering: no`, and closes the connection of the server when it is unsubscribed', async () => {
    expect(await firstValueFrom(eventStream(api, '/live'))).toMatchObject({ data: 'a' });
    await waitFor(() => expect(closed).toEqual(['/live']));
  });

  it('without `X-Accel-Buffering: no` arrives only when the server has ended it, because nginx buffers', async () => {
    expect(await firstValueFrom(eventStream(api, '/buffered'))).toMatchObject({ data: 'a' });
    expect(ended).toEqual(['/buffered']);
  });
});

function configuration(folder: string, port: number, upstream: number): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http {
  access_log off;
  ${kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')}
  server {
    listen 127.0.0.1:${String(port)};
    location = /ready { return 204; }
    location / { proxy_pass http://127.0.0.1:${String(upstream)}; }
  }
}
`;
}

function portOf(server: Pick<Server, 'address'>): number {
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}
