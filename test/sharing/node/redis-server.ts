import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findRedis } from '../../../scripts/storage-engines.ts';
import { ChildServer, freePort } from './child-server.ts';

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  start(): Promise<void>;
  /** What was acknowledged is on the disk, and there again after a start. */
  stop(signal?: 'SIGINT' | 'SIGKILL'): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a Redis of its own.
 *
 * @param appendfsync - when it writes to the disk: `always` is before it acknowledges a change; `everysec` is its own default
 */
export async function startRedis(appendfsync: 'always' | 'everysec' = 'always'): Promise<RedisServer> {
  const found = findRedis();
  if (typeof found === 'string') throw new Error(found);
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-redis-'));
  const port = await freePort();
  const options = { bind: '127.0.0.1', port, dir: folder, save: '', appendonly: 'yes', appendfsync };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const server = new ChildServer(port, found.program, args);
  await server.start();
  return {
    port,
    url: `redis://127.0.0.1:${String(port)}`,
    start: () => server.start(),
    stop: (signal) => server.stop(signal),
    close: async () => {
      await server.stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
