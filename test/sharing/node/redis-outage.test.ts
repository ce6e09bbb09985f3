import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { pause } from '../../support/real-time.ts';
import { eightProcesses, ROUNDS } from './eight-processes.ts';
import { type Engine, startEngine } from './engines.ts';

const LEASE_MS = 1_500;
const OUTAGES = Math.ceil(ROUNDS / 5);

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine('redis');
});
afterAll(() => engine.close());
// Also after a test that has failed while Redis was away.
afterEach(async () => {
  await engine.server?.stop();
  await engine.server?.start();
});

it(
  'eight processes reuse no refresh token when Redis is killed in mid-refresh and comes back after the lease',
  { timeout: 60_000 + OUTAGES * 40_000 },
  async () => {
    const eight = await eightProcesses('redis', engine, { leaseMs: LEASE_MS, storeTimeoutMs: 1_000 });
    const { server, processes } = eight;
    for (let outage = 1; outage <= OUTAGES; outage += 1) {
      const hold = server.hold('refresh');
      const before = server.refreshes.length;
      const answers = eight.expireAndRequest();
      while (server.refreshes.length === before) await pause(5);
      await engine.server?.stop('SIGKILL');
      // The server rotates now, and the holder cannot write what it is given.
      hold.release();
      const during = await Promise.all(answers);
      for (const answer of during) expect([200, 'RefreshFailedError']).toContain(answer);
      expect(during).toContain('RefreshFailedError');
      await pause(2 * LEASE_MS);
      expect(await Promise.all(processes.map((process) => process.tell({ kind: 'status' })))).not.toContain(
        'signed-out',
      );
      await engine.server?.start();
      // Each recovers by itself: the holder stores what it was given, the others find it.
      await expect
        .poll(() => Promise.all(processes.map((process) => process.tell({ kind: 'request' }))), { timeout: 20_000 })
        .toEqual(processes.map(() => 200));
      expect(server.reuse).toEqual([]);
      expect(server.refreshes).toHaveLength(before + 1);
    }
  },
);

it(
  'processes whose tokens live go on while Redis is away, and are signed in afterwards',
  { timeout: 60_000 },
  async () => {
    const eight = await eightProcesses('redis', engine, { leaseMs: LEASE_MS, storeTimeoutMs: 1_000 });
    expect(await Promise.all(eight.expireAndRequest())).toEqual(eight.processes.map(() => 200));
    await engine.server?.stop('SIGKILL');
    const requests = eight.processes.map((process) => process.tell({ kind: 'request' }));
    expect(await Promise.all(requests)).toEqual(eight.processes.map(() => 200));
    await engine.server?.start();
    await pause(500);
    expect(await Promise.all(eight.expireAndRequest())).toEqual(eight.processes.map(() => 200));
    expect(eight.server.reuse).toEqual([]);
  },
);
