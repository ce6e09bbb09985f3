import {
  InvalidInputError,
  sharedStore,
  type SharedStore,
  type SharedStoreOptions,
  type TokenSet,
} from '../session/index.ts';
import { assertKnownOptions, assertOption, kindOf, ownOptions } from '../session/internal.ts';
import { redisCell } from './redis-cell.ts';
import { isRedisClient, type RedisClient } from './redis-client.ts';

/** The options of `redisStore`, with those of `sharedStore`. */
export interface RedisStoreOptions extends SharedStoreOptions {
  /**
   * How long a session is kept after its last change, in milliseconds above 0. It should be at least as long as the life of a refresh
   * token: a session whose key has expired is signed out.
   *
   * @defaultValue none: the session is kept until its key is deleted
   */
  readonly ttlMs?: number;
  /** The channel by which a process tells the others that a session has changed. All must use the same. @defaultValue `'sluice:news'` */
  readonly channel?: string;
}

/**
 * Keeps a session in Redis or Valkey, under one key, for all processes and machines that share it. Among all of them, one refresh runs at
 * a time, and a sign-in or sign-out in one takes effect in all. While Redis cannot be reached, valid tokens are used, refreshes fail with
 * `RefreshFailedError`, reason `unavailable`, and nobody is signed out.
 *
 * All sessions of one client and channel share a second connection, which tells them of changes. It is open until all of them are disposed
 * of: call `dispose()` to let the process end.
 *
 * @example
 * ```ts
 * const redis = await createClient({ url: 'redis://localhost' }).connect();
 * const store = redisStore<MyTokens>(redis, `session:${sessionId}`, { ttlMs: 30 * 24 * 3_600_000 });
 * ```
 *
 * @param client - of `redis` (node-redis), `ioredis` or `iovalkey`: one that has been connected, or connects by itself
 * @param key - the key, a different one for each session. It appears in logs of Redis, so it must not be a secret
 * @throws InvalidInputError for what is no client, an empty key, a `ttlMs` that is no number above 0, a `channel` that is no name,
 * and what `sharedStore` throws
 */
export function redisStore<T extends TokenSet = TokenSet>(
  client: RedisClient,
  key: string,
  options: RedisStoreOptions = {},
): SharedStore<T> {
  const { ttlMs, channel = 'sluice:news', ...shared } = ownOptions(options);
  if (!isRedisClient(client))
    throw new InvalidInputError(`redisStore() takes a client of \`redis\` or \`ioredis\`; given: ${kindOf(client)}.`);
  if (typeof key !== 'string' || key === '')
    throw new InvalidInputError(`redisStore() takes a key, a string that is not empty; given: ${kindOf(key)}.`);
  const isDuration = Number.isFinite(ttlMs) && Number(ttlMs) > 0;
  assertOption('redisStore()', 'ttlMs', ttlMs, isDuration, 'milliseconds, above 0');
  const isChannel = typeof channel === 'string' && channel !== '';
  assertOption('redisStore()', 'channel', channel, isChannel, 'a string that is not empty');
  assertKnownOptions('redisStore()', options, ['ttlMs', 'channel', 'leaseMs', 'codec']);
  return sharedStore<T>(redisCell(client, key, { channel, ttlMs }), shared);
}
