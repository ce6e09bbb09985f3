import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { redisStore, type RedisClient, type RedisStoreOptions } from 'sluice/redis';
import { createSession, type Session, type TokenSet } from 'sluice/session';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type RedisServer, startRedis } from './redis-server.ts';
import { waitFor } from '../../support/wait-for.ts';

let server: RedisServer;
let admin: Redis;
beforeAll(async () => {
  server = await startRedis();
  admin = new Redis(server.port);
});
afterAll(async () => {
  admin.disconnect();
  await server.close();
});

const tokens: TokenSet = { accessToken: 'access-1', refreshToken: 'refresh-1' };

function sessionOn(client: RedisClient, key: string, options?: RedisStoreOptions): Session {
  const session = createSession({ refresh: () => [], store: redisStore(client, key, options), storeTimeoutMs: 5_000 });
  onTestFinished(() => session.dispose());
  return session;
}

const nodeRedis = async (url = server.url): Promise<RedisClient> => {
  const client = createClient({ url });
  client.on('error', () => undefined);
  onTestFinished(() => client.destroy());
  await client.connect();
  return client;
};
interface IoRedisOptions {
  username?: string;
  password?: string;
  keyPrefix?: string;
  retryStrategy?: () => null;
}
const ioRedis = (options: IoRedisOptions = {}): RedisClient => {
  const client = new Redis({ port: server.port, ...options });
  onTestFinished(() => client.disconnect());
  return client;
};
const clients = [
  ['node-redis', () => nodeRedis()],
  ['ioredis', () => Promise.resolve(ioRedis())],
] as const;

/** The ids of the connections that listen to channels. */
const subscriberIds = async (): Promise<string[]> =>
  ((await admin.call('CLIENT', 'LIST', 'TYPE', 'pubsub')) as string).match(/(?<=^id=)\d+/gm) ?? [];
const subscribers = async (): Promise<number> => (await subscriberIds()).length;

describe.each(clients)('sessions in Redis by %s', (name, connect) => {
  it('share one connection for change notifications, which is closed with the last of them', async () => {
    const client = await connect();
    const sessions = Array.from({ length: 200 }, (_, n) => sessionOn(client, `${name}:${String(n)}`));
    const others = sessions.map((_, n) => sessionOn(client, `${name}:${String(n)}`));
    await Promise.all(sessions.map((session) => session.signIn(tokens)));
    await waitFor(() => expect(new Set(others.map(({ state }) => state.status))).toEqual(new Set(['signed-in'])));
    expect(await subscribers()).toBe(1);
    for (const session of [...sessions, ...others]) session.dispose();
    await waitFor(async () => expect(await subscribers()).toBe(0));
  });

  it('are kept for their time to live, counted from the last change', async () => {
    const client = await connect();
    const session = sessionOn(client, `${name}:ttl`, { ttlMs: 90_000.5 });
    await session.signIn(tokens);
    await admin.pexpire(`${name}:ttl`, 1_000);
    await session.update({ ...tokens, accessToken: 'access-2' });
    expect(await admin.pttl(`${name}:ttl`)).toBeGreaterThan(80_000);
    const kept = sessionOn(client, `${name}:kept`);
    await kept.signIn(tokens);
    expect(await admin.pttl(`${name}:kept`)).toBe(-1);
  });

  it('are signed out when their key is deleted, and a later sign-in reaches all of them', async () => {
    const client = await connect();
    const [one, two] = [sessionOn(client, `${name}:gone`), sessionOn(client, `${name}:gone`)];
    await one.signIn(tokens);
    await waitFor(() => expect(two.state.status).toBe('signed-in'));
    await admin.del(`${name}:gone`);
    await admin.publish('sluice:news', `${name}:gone`);
    await waitFor(() => expect(two.state).toMatchObject({ status: 'signed-out', reason: 'elsewhere' }));
    await one.signIn(tokens);
    await waitFor(() => expect(two.state.status).toBe('signed-in'));
  });

  it('go on when Redis has forgotten its scripts', async () => {
    const session = sessionOn(await connect(), `${name}:scripts`);
    await session.signIn(tokens);
    await admin.script('FLUSH');
    await session.signOut();
    expect(JSON.parse((await admin.get(`${name}:scripts`)) ?? '')).toMatchObject({ owner: null });
  });

  it('that were stored as a bare token set are taken over', async () => {
    await admin.set(`${name}:bare`, JSON.stringify(tokens));
    const session = sessionOn(await connect(), `${name}:bare`);
    await waitFor(() => expect(session.state).toMatchObject({ status: 'signed-in', tokens }));
    await session.update({ ...tokens, accessToken: 'access-2' });
    expect(JSON.parse((await admin.get(`${name}:bare`)) ?? '')).toMatchObject({ schema: 1 });
  });

  it('that are no JSON are not signed out, and are replaced by a sign-in', async () => {
    await admin.set(`${name}:garbage`, '{"accessToken":"secret');
    const session = sessionOn(await connect(), `${name}:garbage`);
    await waitFor(() => expect(session.state.status).toBe('unavailable'));
    expect(await admin.get(`${name}:garbage`)).toBe('{"accessToken":"secret');
    await session.signIn(tokens);
    expect(JSON.parse((await admin.get(`${name}:garbage`)) ?? '')).toMatchObject({ schema: 1 });
  });
});

it('change notifications arrive although ioredis has a `keyPrefix`', async () => {
  const client = ioRedis({ keyPrefix: 'app:' });
  const [one, two] = [sessionOn(client, 'prefixed'), sessionOn(client, 'prefixed')];
  await one.signIn(tokens);
  await waitFor(() => expect(two.state.status).toBe('signed-in'));
  expect(await admin.exists('app:prefixed')).toBe(1);
});

describe.each([
  [
    'node-redis with `reconnectStrategy: false`',
    async (): Promise<RedisClient> => {
      const client = createClient({ url: server.url, socket: { reconnectStrategy: false } });
      client.on('error', () => undefined);
      onTestFinished(() => client.destroy());
      await client.connect();
      return client;
    },
  ],
  [
    'ioredis with a `retryStrategy` that gives up',
    () => Promise.resolve<RedisClient>(ioRedis({ retryStrategy: () => null })),
  ],
] as const)('a session by %s', (name, connect) => {
  it('makes a new connection for change notifications when the old one has ended, and hears of a sign-out', async () => {
    const session = sessionOn(await connect(), `${name}:ended`);
    await session.signIn(tokens);
    await waitFor(async () => expect(await subscribers()).toBe(1));
    const [old] = await subscriberIds();
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await waitFor(async () => {
      const now = await subscriberIds();
      expect(now).toHaveLength(1);
      expect(now).not.toContain(old);
    });
    const other = sessionOn(ioRedis(), `${name}:ended`);
    await other.signOut();
    await waitFor(() => expect(session.state).toMatchObject({ status: 'signed-out', reason: 'elsewhere' }));
  });
});

describe('a user of Redis with the rights that the documents name', () => {
  const rights = ['~session:*', '&sluice:news', '+get', '+set', '+evalsha', '+eval', '+publish', '+subscribe'];
  // What the clients themselves need to connect.
  const forClients = ['+hello', '+auth', '+info', '+ping', '+select'];

  it.each(['node-redis', 'ioredis'])('can keep sessions by %s', async (name) => {
    await admin.acl('SETUSER', 'app', 'reset', 'on', '>secret', ...rights, ...forClients);
    await admin.script('FLUSH');
    const client =
      name === 'ioredis'
        ? ioRedis({ username: 'app', password: 'secret' })
        : await nodeRedis(`redis://app:secret@127.0.0.1:${String(server.port)}`);
    const [one, two] = [sessionOn(client, `session:${name}`), sessionOn(client, `session:${name}`)];
    await one.signIn(tokens);
    await waitFor(() => expect(two.state.status).toBe('signed-in'));
    await expect(sessionOn(client, 'other:key').signIn(tokens)).rejects.toMatchObject({ code: 'store-failed' });
  });
});
