import { execFile, execFileSync } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findPostgres } from '../../../scripts/storage-engines.ts';
import { ChildServer, freePort } from './child-server.ts';

export interface PostgresServer {
  readonly url: string;
  start(): Promise<void>;
  stop(signal?: 'SIGINT' | 'SIGKILL'): Promise<void>;
  close(): Promise<void>;
}

/** PostgreSQL refuses to run as root. */
function unprivileged(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  try {
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch {
    return { uid: 65_534, gid: 65_534 };
  }
}

/** Starts a PostgreSQL of its own. */
export async function startPostgres(): Promise<PostgresServer> {
  const found = findPostgres();
  if (typeof found === 'string') throw new Error(found);
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-postgres-'));
  const user = unprivileged();
  if (user) await chown(folder, user.uid, user.gid);
  const data = path.join(folder, 'data');
  const options = { cwd: folder, ...user };
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '--locale=C', '-E', 'UTF8'];
  await promisify(execFile)(path.join(found.folder, 'initdb'), initdb, options);
  const port = await freePort();
  const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder];
  const server = new ChildServer(port, path.join(found.folder, 'postgres'), args, options);
  await server.start();
  return {
    url: `postgres://postgres@127.0.0.1:${String(port)}/postgres`,
    start: () => server.start(),
    stop: (signal) => server.stop(signal),
    close: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
