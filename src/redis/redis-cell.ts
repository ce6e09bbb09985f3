import type { Observable } from 'rxjs';
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
export function redisCell(client: RedisClient, key: string, options: RedisCellOptions): WatchedCell {
  return new RedisCell(client, key, options);
}

/** A cell with change notifications, and without a lock of its own. */
type WatchedCell = Required<Omit<Cell<StoredSession>, 'lock'>>;

/** A class and not an object of closures, because a process may have thousands of cells, and all of them share the methods of a class. */
class RedisCell implements WatchedCell {
  readonly #client: RedisClient;
  readonly #key: string;
  readonly #channel: string;
  readonly #ttl: string;

  constructor(client: RedisClient, key: string, { channel, ttlMs }: RedisCellOptions) {
    this.#client = client;
    this.#key = key;
    this.#channel = channel;
    this.#ttl = ttlMs === undefined ? '' : String(Math.ceil(ttlMs));
  }

  get news$(): Observable<void> {
    return redisNews(this.#client, this.#channel, this.#key);
  }

  async read(): Promise<StoredSession | null> {
    const text = await this.#client.get(this.#key);
    if (text === null) return null;
    if (typeof text !== 'string') throw new Error('The client gives replies of another type than text.');
    return JSON.parse(text) as StoredSession;
  }

  async swap(expected: number, next: StoredSession): Promise<boolean> {
    const values = [String(expected), JSON.stringify(next), this.#ttl, this.#channel, this.#key];
    const reply = await runScript(this.#client, { text: swapScript, sha: swapScriptSha }, this.#key, values);
    return Number(reply) === 1;
  }
}
