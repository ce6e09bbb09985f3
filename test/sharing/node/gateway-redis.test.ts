import { createClient } from 'redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AuthServer, startAuthServer } from '../../support/auth-server.ts';
import { type Gateway, type GatewayAnswer, startGateway } from './gateway-process.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

const WORKERS = 4;

describe(`the example examples/gateway with ${String(WORKERS)} workers`, () => {
  let redis: RedisServer;
  let upstream: AuthServer;
  let gateway: Gateway;
  beforeAll(async () => {
    redis = await startRedis();
    upstream = await startAuthServer({ waitMs: 30_000 });
    gateway = await startGateway({
      WORKERS: String(WORKERS),
      REDIS_URL: redis.url,
      UPSTREAM_URL: upstream.url,
      LEASE_MS: '4000',
    });
  });
  afterAll(async () => {
    await gateway.close();
    await upstream.close();
    await redis.close();
  });
  beforeEach(() => upstream.forget());

  async function signIn(user: string): Promise<string> {
    const { status, cookies } = await gateway.ask('/login', { post: { user, password: 'any' } });
    expect(status).toBe(204);
    return cookies[0]!.split(';')[0]!;
  }
  const four = (cookie: string): Promise<GatewayAnswer>[] =>
    [1, 2, 3, 4].map((n) => gateway.ask(`/api/echo/${String(n)}`, { cookie }));
  const statuses = (answers: readonly GatewayAnswer[]): number[] => answers.map(({ status }) => status);

  it('refreshes once for four parallel requests of one person that reach several workers', async () => {
    const people = ['ada', 'grace', 'joan', 'mary', 'sofia'];
    const cookies = await Promise.all(people.map(signIn));
    upstream.expireAccess();
    const hold = upstream.hold('/api/echo/*');
    const sent = cookies.map(four);
    // All of them carry the dead token, and none has got its 401 yet.
    await hold.waiting(4 * people.length);
    hold.release();
    for (const [n, answers] of (await Promise.all(sent.map((its) => Promise.all(its)))).entries()) {
      expect(statuses(answers)).toEqual([200, 200, 200, 200]);
      expect(new Set(answers.map(({ worker }) => worker)).size).toBeGreaterThan(1);
      for (const { body } of answers) expect(JSON.parse(body)).toMatchObject({ user: people[n] });
    }
    expect(upstream.refreshes.map(({ user }) => user).sort()).toEqual([...people].sort());
    expect(upstream.refreshes.map(({ outcome }) => outcome)).toEqual(people.map(() => 'issued'));
    expect(upstream.repeats).toEqual([]);
  });

  it('gives the browser a cookie that no script can read, and no token; the keys in Redis do not show the cookie', async () => {
    const { cookies, body } = await gateway.ask('/login', { post: { user: 'ada', password: 'any' } });
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatch(/^gateway=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    const cookie = cookies[0]!.split(';')[0]!;
    const answers = await Promise.all(four(cookie));
    const given = [cookies[0], body, ...answers.map((answer) => answer.body)].join();
    for (const secret of upstream.secrets()) expect(given).not.toContain(secret);
    const client = await createClient({ url: redis.url }).connect();
    const keys = await client.keys('*');
    client.destroy();
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.join()).not.toContain(cookie.split('=')[1]);
    expect(statuses(await Promise.all(four('gateway=another')))).toEqual([401, 401, 401, 401]);
  });

  it('signs a person out in all workers when one of them gets the sign-out', async () => {
    const [cookie, other] = [await signIn('ada'), await signIn('grace')];
    expect(statuses(await Promise.all([...four(cookie), ...four(other)]))).toEqual(Array(8).fill(200));
    const { status, cookies } = await gateway.ask('/logout', { cookie, post: {} });
    expect(status).toBe(204);
    expect(cookies[0]).toMatch(/^gateway=; Max-Age=0/);
    // The others hear of it some milliseconds later.
    await expect.poll(async () => statuses(await Promise.all(four(cookie)))).toEqual([401, 401, 401, 401]);
    upstream.forget();
    upstream.expireAccess();
    const after = await Promise.all([...four(cookie), ...four(cookie)]);
    expect(statuses(after)).toEqual(Array(8).fill(401));
    expect(new Set(after.map(({ worker }) => worker)).size).toBeGreaterThan(1);
    expect(upstream.sent('/api/echo/*').map(({ tokenState }) => tokenState)).toEqual(Array(8).fill('none'));
    expect(upstream.refreshes).toEqual([]);
    expect(statuses(await Promise.all(four(other)))).toEqual([200, 200, 200, 200]);
  });

  it('loses no session when a worker is killed in the middle of a refresh', async () => {
    const cookie = await signIn('ada');
    const before = await Promise.all(four(cookie));
    upstream.expireAccess();
    // The upstream gets this refresh, and never begins to answer it.
    upstream.nextRefresh('hang');
    const hold = upstream.hold('/api/echo/*');
    const sent = four(cookie).map((answer) => answer.catch(() => null));
    await hold.waiting(4);
    hold.release();
    const [refresh] = await upstream.arrived('/api/refresh-token', 1);
    const killed = String(refresh!.headers['x-worker']);
    expect(before.map(({ worker }) => worker)).toContain(killed);
    process.kill(Number(killed), 'SIGKILL');
    const answers = await Promise.all(sent);
    // The requests that this worker was serving are lost; all others succeed, after its lease.
    expect(answers).toContain(null);
    const survived = answers.filter((answer) => answer !== null);
    expect(statuses(survived)).toEqual(survived.map(() => 200));
    expect(statuses(await Promise.all(four(cookie)))).toEqual([200, 200, 200, 200]);
    expect(upstream.refreshes.filter(({ outcome }) => outcome === 'issued')).toHaveLength(1);
    expect(upstream.reuse).toEqual([]);
    // A new worker takes the place of the killed one, with the sessions that are in Redis.
    const known = new Set(before.map(({ worker }) => worker));
    await expect
      .poll(
        async () => {
          const all = await Promise.all([...four(cookie), ...four(cookie)]);
          expect(statuses(all)).toEqual(Array(8).fill(200));
          return all.filter(({ worker }) => !known.has(worker)).length;
        },
        { timeout: 30_000 },
      )
      .toBeGreaterThan(0);
  });
});
