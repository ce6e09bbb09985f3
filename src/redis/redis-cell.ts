import type { Cell, StoredSession } from '../session/index.ts';
import type { RedisClient } from './redis-client.ts';
import { redisNews } from './redis-news.ts';
import { runScript } from './run-script.ts';
import { swapScript, swapScriptSha } from './swap-script.ts';

/** The options of `redisCell`. */
export interface RedisCellOptions {
  readonly channel: string;
  /** How long a record is kept after its last change, in milliseconds; `undefined`: until it is deleted. */
  readonly ttlMs: number | undefined;
}

/** Returns a cell (the storage of a shared store) that keeps its record under one key of Redis, as JSON. */
export function redisCell(
  client: RedisClient,
  key: string,
  { channel, ttlMs }: RedisCellOptions,
): Required<Omit<Cell<StoredSession>, 'lock'>> {
  const ttl = ttlMs === undefined ? '' : String(Math.ceil(ttlMs));
  return {
    read: async () => {
      const text = await client.get(key);
      if (text === null) return null;
      if (typeof text !== 'string') throw new Error('The client gives replies of another type than text.');
      return JSON.parse(text) as StoredSession;
    },
    swap: async (expected, next) => {
      const values = [String(expected), JSON.stringify(next), ttl, channel, key];
      return Number(await runScript(client, { text: swapScript, sha: swapScriptSha }, key, values)) === 1;
    },
    news$: redisNews(client, channel, key),
  };
}
