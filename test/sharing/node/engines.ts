import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { createClient } from 'redis';
import { type Cell, sharedStore, type SharedStore, type StoredSession } from 'sluice/session';
import { postgresCell, postgresNews, schema } from '../../../examples/postgres-store/postgres-cell.ts';
import { fileCell } from '../../../src/node/file-cell.ts';
import { redisCell } from '../../../src/redis/redis-cell.ts';
import { startPostgres } from './postgres-server.ts';
import { startRedis } from './redis-server.ts';

export type EngineName = 'file' | 'redis' | 'postgres';

/** A place in an engine where processes find one session. */
export interface EngineSite {
  /** A path, or a URL. */
  readonly where: string;
  readonly key: string;
}

/** An engine that runs, for one test file. */
export interface Engine {
  /** A place of its own for one test. */
  site(): EngineSite;
  /** Kills the engine, or starts it again; a file has none. */
  readonly server?: { start(): Promise<void>; stop(signal?: 'SIGINT' | 'SIGKILL'): Promise<void> };
  close(): Promise<void>;
}

/** The cell at a site, and what closes its connections. Connects before it resolves. */
export async function openCell(
  name: EngineName,
  site: EngineSite,
): Promise<{ cell: Cell<StoredSession>; close(): void }> {
  const { where, key } = site;
  switch (name) {
    case 'file':
      return { cell: fileCell(where), close: () => undefined };
    case 'redis': {
      // Gives up a command when the connection breaks, and finds the server soon when it is back.
      const client = createClient({ url: where, disableOfflineQueue: true, socket: { reconnectStrategy: 50 } });
      client.on('error', () => undefined);
      await client.connect();
      return {
        cell: redisCell(client, key, { channel: 'sluice:news', ttlMs: undefined }),
        close: () => client.destroy(),
      };
    }
    case 'postgres': {
      const pool = new pg.Pool({ connectionString: where, max: 2 });
      pool.on('error', () => undefined);
      while (!(await pool.query(schema).catch(() => null))) await new Promise((resolve) => setTimeout(resolve, 50));
      return {
        cell: postgresCell(
          pool,
          postgresNews(() => new pg.Client(where)),
          key,
        ),
        close: () => void pool.end(),
      };
    }
  }
}

export const openStore = async (name: EngineName, site: EngineSite, leaseMs: number): Promise<SharedStore> =>
  sharedStore((await openCell(name, site)).cell, { leaseMs });

export async function startEngine(name: EngineName): Promise<Engine> {
  let sites = 0;
  if (name === 'file') {
    const folder = await mkdtemp(path.join(tmpdir(), 'sluice-sharing-'));
    return {
      site: () => {
        sites += 1;
        return { where: path.join(folder, `${String(sites)}.json`), key: '' };
      },
      close: () => rm(folder, { recursive: true, force: true }),
    };
  }
  const server = name === 'redis' ? await startRedis() : await startPostgres();
  return {
    site: () => {
      sites += 1;
      return { where: server.url, key: `session:${String(sites)}` };
    },
    server,
    close: () => server.close(),
  };
}
