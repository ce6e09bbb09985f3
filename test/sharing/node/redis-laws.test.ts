import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { cellLaws } from 'sluice/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { redisCell } from '../../../src/redis/redis-cell.ts';
import type { RedisClient } from '../../../src/redis/redis-client.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.close());

/** Clients that fail at once while Redis is away, and are quick to find it again, so that the laws need not wait. */
const clients: Record<string, () => Promise<{ client: RedisClient; close(): unknown }>> = {
  'node-redis': async () => {
    const client = createClient({ url: server.url, disableOfflineQueue: true, socket: { reconnectStrategy: 20 } });
    client.on('error', () => undefined);
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  ioredis: async () => {
    const client = new Redis(server.port, { enableOfflineQueue: false, lazyConnect: true, retryStrategy: () => 20 });
    client.on('error', () => undefined);
    await client.connect();
    return { client, close: () => client.disconnect() };
  },
};

describe.each(Object.keys(clients))('a key of Redis as a cell, by %s', (name) => {
  let used: Awaited<ReturnType<NonNullable<(typeof clients)[string]>>>;
  beforeAll(async () => {
    used = await clients[name]!();
  });
  afterAll(() => used.close());

  const laws = cellLaws((key) => redisCell(used.client, key, { channel: 'sluice:news', ttlMs: 3_600_000 }), {
    leaseMs: 1_000,
    outage: {
      begin: () => server.stop(),
      end: async () => {
        await server.start();
        // Until this client, like one of an app that was not stopped, has found the server again.
        for (let isBack = false; !isBack;)
          isBack = await used.client.get('any').then(
            () => true,
            () => new Promise<false>((resolve) => setTimeout(resolve, 20, false)),
          );
      },
    },
  });
  for (const { title, check } of laws) it(title, check);
});
