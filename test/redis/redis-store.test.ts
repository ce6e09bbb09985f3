import { createHash } from 'node:crypto';
import { firstValueFrom } from 'rxjs';
import { redisStore, type NodeRedisClient, type RedisClient } from 'sluice/redis';
import { createSession, type TokenSet } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { redisCell } from '../../src/redis/redis-cell.ts';
import { swapScript, swapScriptSha } from '../../src/redis/swap-script.ts';
import { recordOf } from '../../src/testing/site-law.ts';

/** A client of node-redis that returns the given replies. `calls` lists the commands that it received. */
function clientOf(answers: Partial<Pick<NodeRedisClient, 'get' | 'eval' | 'evalSha'>>): {
  client: RedisClient;
  calls: string[];
} {
  const calls: string[] = [];
  const answer = (name: 'get' | 'eval' | 'evalSha') => (first: string) => {
    calls.push(`${name} ${first.slice(0, 40)}`);
    return answers[name]?.(first, { keys: [], arguments: [] }) ?? Promise.resolve(null);
  };
  const client: NodeRedisClient = {
    get: answer('get'),
    eval: answer('eval'),
    evalSha: answer('evalSha'),
    duplicate: () => {
      throw new Error('not listened to');
    },
  };
  return { client, calls };
}
const cellOf = (client: RedisClient): ReturnType<typeof redisCell> =>
  redisCell(client, 'key', { channel: 'news', ttlMs: undefined });

/** A client of node-redis on one key in memory. `swaps` lists the keys and arguments of each swap. */
function keyInMemory(): { client: RedisClient; swaps: { keys: string[]; arguments: string[] }[]; keys: string[] } {
  let held: string | null = null;
  const [swaps, keys]: [{ keys: string[]; arguments: string[] }[], string[]] = [[], []];
  const nothing = (): Promise<void> => Promise.resolve();
  const client: NodeRedisClient = {
    get: (key) => {
      keys.push(key);
      return Promise.resolve(held);
    },
    eval: () => Promise.reject(new Error('not called')),
    evalSha: async (_sha, options) => {
      swaps.push(options);
      held = options.arguments[1] ?? null;
      return 1;
    },
    duplicate: () => ({ isOpen: true, connect: nothing, subscribe: nothing, on: () => undefined, destroy: nothing }),
  };
  return { client, swaps, keys };
}

it('no key and no message in Redis contains a token, and each refresh starts the time to live anew', async () => {
  const { client, swaps, keys } = keyInMemory();
  const refresh = (): Promise<TokenSet> => Promise.resolve({ accessToken: 'secret-3', refreshToken: 'secret-4' });
  const session = createSession({ refresh, store: redisStore(client, 'session:7', { ttlMs: 60_000 }) });
  await session.signIn({ accessToken: 'secret-1', refreshToken: 'secret-2' });
  await firstValueFrom(session.refresh$);
  session.dispose();
  expect(swaps.at(-1)?.arguments[1]).toContain('secret-4');
  expect(new Set(keys)).toEqual(new Set(['session:7']));
  for (const swap of swaps) {
    const [, , ttlMs, channel, message] = swap.arguments;
    expect([swap.keys, ttlMs, channel, message]).toEqual([['session:7'], '60000', 'sluice:news', 'session:7']);
  }
});

it('the constant swapScriptSha is the SHA-1 of the Redis script', () => {
  expect(createHash('sha1').update(swapScript).digest('hex')).toBe(swapScriptSha);
});

describe('a swap in Redis', () => {
  it('sends the text of the script only when Redis does not know it yet', async () => {
    const unknown = clientOf({
      evalSha: () => Promise.reject(new Error('NOSCRIPT No matching script.')),
      eval: () => Promise.resolve(1),
    });
    expect(await cellOf(unknown.client).swap(0, recordOf(1, 'A'))).toBe(true);
    expect(unknown.calls).toEqual([`evalSha ${swapScriptSha}`, `eval ${swapScript.slice(0, 40)}`]);
    const known = clientOf({ evalSha: () => Promise.resolve(0) });
    expect(await cellOf(known.client).swap(0, recordOf(1, 'A'))).toBe(false);
    expect(known.calls).toHaveLength(1);
  });

  it('is not repeated when it fails for another reason, since it may have taken effect', async () => {
    const { client, calls } = clientOf({ evalSha: () => Promise.reject(new Error('Socket closed unexpectedly')) });
    await expect(cellOf(client).swap(0, recordOf(1, 'A'))).rejects.toThrow('Socket closed');
    expect(calls).toHaveLength(1);
  });
});

describe('a read from Redis', () => {
  it('fails for a reply that is not text, and takes it neither for a session nor for an empty store', async () => {
    const { client } = clientOf({ get: () => Promise.resolve(Buffer.from('{}')) });
    await expect(cellOf(client).read()).rejects.toThrow('replies of another type');
  });
});

describe('redisStore()', () => {
  const { client } = clientOf({});

  it.each([null, {}, { get: () => null }, 'redis://localhost'])('refuses %j as a client', (value) => {
    expect(() => redisStore(value as unknown as RedisClient, 'key')).toThrow('takes a client of `redis` or `ioredis`');
  });

  it('refuses an empty key', () => {
    expect(() => redisStore(client, '')).toThrow('takes a key, a string that is not empty; given: an empty string');
  });

  it.each(['', 5, null])('refuses a channel that is %j', (channel) => {
    expect(() => redisStore(client, 'key', { channel: channel as never })).toThrow(
      'redisStore(): channel takes a string that is not empty; given: ',
    );
  });

  it.each([0, -1, NaN, Infinity, '60'])('refuses a time to live of %j', (ttlMs) => {
    expect(() => redisStore(client, 'key', { ttlMs: ttlMs as number })).toThrow(
      'redisStore(): ttlMs takes milliseconds, above 0; given: ',
    );
  });

  it('calls nothing on the client before a session uses the store', () => {
    const { client: unused, calls } = clientOf({});
    redisStore(unused, 'key');
    expect(calls).toEqual([]);
  });
});
