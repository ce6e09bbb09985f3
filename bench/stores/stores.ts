import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { createClient } from 'redis';
import { memoryStore, sharedStore, type SessionOptions } from 'sluice/session';
import { fileStore } from 'sluice/node';
import { redisStore } from 'sluice/redis';
import { postgresCell, postgresNews, schema } from '../../examples/postgres-store/postgres-cell.ts';
import { findPostgres, findRedis } from '../../scripts/storage-engines.ts';
import type { ManySessions } from '../../test/sharing/node/many-sessions.ts';
import { startPostgres } from '../../test/sharing/node/postgres-server.ts';
import { startRedis } from '../../test/sharing/node/redis-server.ts';
import { figure, interleaved, type Figure } from '../measure.ts';
import { inChromium } from './in-chromium.ts';
import { refreshOnce } from './refresh-once.ts';

type Store = NonNullable<SessionOptions['store']>;

/** What one store adds to a refresh while nobody else uses it. */
export interface StoreRow {
  readonly name: string;
  /** A whole refresh, whose new tokens come at once, in milliseconds. */
  readonly milliseconds?: Figure;
  /** The same, less what it takes in memory in the same round. */
  readonly added?: Figure;
  /** Why it was not measured. */
  readonly missing?: string;
}

export interface StoreFigures {
  /** The load of the machine before the measurement, over one minute. */
  readonly load: number;
  readonly repeats: number;
  readonly rows: readonly StoreRow[];
  /** What ten thousand sessions on Redis cost, or why that was not measured. */
  readonly manySessions: ManySessions | string;
}

/** A store that is measured in this process. */
interface Opened {
  readonly name: string;
  readonly store: Store;
  close(): unknown;
}
type Open = () => Promise<Opened | { readonly name: string; readonly missing: string }>;

const openers: readonly Open[] = [
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'sluice-bench-'));
    const close = () => rm(folder, { recursive: true, force: true });
    return { name: 'file', store: fileStore(path.join(folder, 'session.json')), close };
  },
  async () => {
    const found = findRedis();
    if (typeof found === 'string') return { name: 'Redis', missing: found };
    const server = await startRedis('everysec');
    const client = createClient({ url: server.url });
    await client.connect();
    const close = () => {
      client.destroy();
      return server.close();
    };
    return { name: 'Redis', store: redisStore(client, 'session:1'), close };
  },
  async () => {
    const found = findPostgres();
    if (typeof found === 'string') return { name: 'PostgreSQL', missing: found };
    const server = await startPostgres();
    const pool = new pg.Pool({ connectionString: server.url, max: 2 });
    pool.on('error', () => undefined);
    // It takes connections a little before it takes queries.
    while (!(await pool.query(schema).catch(() => null))) await new Promise((resolve) => setTimeout(resolve, 50));
    const news$ = postgresNews(() => new pg.Client(server.url));
    const close = async () => {
      await pool.end();
      await server.close();
    };
    return { name: 'PostgreSQL', store: sharedStore(postgresCell(pool, news$, 'session:1')), close };
  },
];

/** Measures what each store adds to a refresh. A store whose engine is not on this machine has a row that says so. */
export async function measureStores(repeats: number): Promise<StoreFigures> {
  const load = loadavg()[0] ?? NaN;
  const inBrowser = await inChromium(repeats);
  const opened = await Promise.all(openers.map((open) => open()));
  const here = opened.filter((one) => 'store' in one);
  const memory: Opened = { name: 'memory', store: memoryStore(), close: () => undefined };
  const withRefresher = (one: Opened) => ({ ...one, refresher: refreshOnce(one.store) });
  const floorStore = withRefresher(memory);
  const stores = [floorStore, ...here.map(withRefresher)];
  for (const { refresher } of stores) await refresher.ready;
  await interleaved(stores, Math.min(20, repeats), ({ refresher }) => refresher.refresh());
  const measured = await interleaved(stores, repeats, ({ refresher }) => refresher.refresh());
  const floor = measured.get(floorStore) ?? [];
  const rows = opened.map(({ name, ...rest }): StoreRow => {
    if ('missing' in rest) return { name, missing: rest.missing };
    const runs = [...measured].find(([one]) => one.name === name)?.[1] ?? [];
    return rowOf(name, runs, floor);
  });
  for (const { refresher, close } of stores) {
    refresher.dispose();
    await close();
  }
  const browserRow: StoreRow =
    typeof inBrowser === 'string'
      ? { name: 'IndexedDB, in Chromium', missing: inBrowser }
      : rowOf('IndexedDB, in Chromium', inBrowser.indexedDB, inBrowser.memory);
  return { load, repeats, rows: [browserRow, ...rows], manySessions: await measureManySessions() };
}

function rowOf(name: string, milliseconds: readonly number[], floor: readonly number[]): StoreRow {
  const added = milliseconds.map((value, round) => value - (floor[round] ?? NaN));
  return { name, milliseconds: figure(milliseconds), added: figure(added) };
}

async function measureManySessions(): Promise<ManySessions | string> {
  const found = findRedis();
  if (typeof found === 'string') return found;
  const server = await startRedis('everysec');
  try {
    const script = fileURLToPath(new URL('../../test/sharing/node/many-sessions.ts', import.meta.url));
    const env = { ...process.env, NODE_ENV: 'production' };
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script, server.url], { env });
    return JSON.parse(stdout) as ManySessions;
  } finally {
    await server.close();
  }
}
