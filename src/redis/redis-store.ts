import {
  InvalidInputError,
  sharedStore,
  type SharedStore,
  type SharedStoreOptions,
  type TokenSet,
} from '../session/index.ts';
import { assertKnownOptions, assertOption } from '../session/internal.ts';
import { redisCell } from './redis-cell.ts';
import { isRedisClient, type RedisClient } from './redis-client.ts';

export interface RedisStoreOptions extends SharedStoreOptions {
  /**
   * How long a session is kept after its last change, in milliseconds, above 0; every change begins the time anew. As long as a refresh
   * token lives, or longer: a session that has vanished is signed out.
   *
   * @defaultValue none: it is kept until it is deleted
   */
  readonly ttlMs?: number;
  /** The channel that tells all processes which sessions have changed. The same for all of them. @defaultValue `'sluice:news'` */
  readonly channel?: string;
}

/**
 * Keeps a session in Redis or Valkey, under one key, for all processes and machines that share it. Among them one refresh runs at a time,
 * and signing in or out in one does so in all. While Redis is away, living tokens go on, refreshes fail as `unavailable`, and nobody is
 * signed out.
 *
 * All sessions of one client share one more connection, for news, which is open while any of them lives: `dispose()` lets the process end.
 *
 * @example
 * ```ts
 * const redis = await createClient({ url: 'redis://localhost' }).connect();
 * const store = redisStore<MyTokens>(redis, `session:${sessionId}`, { ttlMs: 30 * 24 * 3_600_000 });
 * ```
 *
 * @param client - of `redis` (node-redis), `ioredis` or `iovalkey`: one that has been connected, or connects by itself
 * @param key - a key of its own for each session. It shows in logs of Redis, so it must not be a secret
 * @throws InvalidInputError for what is no client, an empty key, a `ttlMs` that is no number above 0, a `channel` that is no name, and what `sharedStore` throws
 */
export function redisStore<T extends TokenSet = TokenSet>(
  client: RedisClient,
  key: string,
  options: RedisStoreOptions = {},
): SharedStore<T> {
  const { ttlMs, channel = 'sluice:news', ...shared } = options;
  if (!isRedisClient(client)) throw new InvalidInputError('redisStore() takes a client of `redis` or `ioredis`.');
  if (typeof key !== 'string' || key === '') throw new InvalidInputError('redisStore() takes a key that is not empty.');
  const isDuration = Number.isFinite(ttlMs) && Number(ttlMs) > 0;
  assertOption('redisStore()', 'ttlMs', ttlMs, isDuration, 'milliseconds, above 0');
  const isChannel = typeof channel === 'string' && channel !== '';
  assertOption('redisStore()', 'channel', channel, isChannel, 'a string that is not empty');
  assertKnownOptions('redisStore()', options, ['ttlMs', 'channel', 'leaseMs', 'codec']);
  return sharedStore<T>(redisCell(client, key, { channel, ttlMs }), shared);
}
