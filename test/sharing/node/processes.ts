import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredSession, TokenSet } from 'sluice/session';
import type { AuthServer } from '../../support/auth-server.ts';
import { pause } from '../../support/real-time.ts';
import { type EightProcesses, eightProcesses, ROUNDS } from './eight-processes.ts';
import { type Engine, type EngineName, openCell, startEngine } from './engines.ts';

/** Long enough for a process that a busy machine keeps waiting. */
const LEASE_MS = 3_000;
const PER_ROUND_MS = 12_000;

const generationOf = (token = ''): number => Number(/^access(\d+)-/.exec(token)?.[1]);

/** Resolves when the server has begun to answer its `n`-th refresh. */
async function arrival(server: AuthServer, n: number): Promise<AuthServer['refreshes'][number]> {
  for (;;) {
    const record = server.refreshes[n];
    if (record) return record;
    await pause(1);
  }
}

/** Whether the refresh token in the store has been spent: the server rotated it, and its holder was killed before it could write. */
async function isSpent(name: EngineName, eight: EightProcesses, issued: number | undefined): Promise<boolean> {
  const { cell, close } = await openCell(name, eight.site);
  const record = (await cell.read()) as StoredSession;
  close();
  const { accessToken } = JSON.parse(record.tokens ?? '{}') as TokenSet;
  return issued !== undefined && generationOf(accessToken) < issued;
}

/** Kills the process whose refresh arrives next, after a random time, and tells whether that has left a spent token. */
async function killHolder(name: EngineName, eight: EightProcesses): Promise<boolean> {
  const { server } = eight;
  const refresh = await arrival(server, server.refreshes.length);
  await pause(Math.random() * 100);
  const holder = eight.processes.find(({ id }) => id === refresh.request.headers['x-worker']);
  await holder?.end();
  // A server whose client has gone may still rotate.
  await pause(100);
  const isWindow = await isSpent(name, eight, refresh.issued);
  if (holder) await eight.respawn(holder);
  return isWindow;
}

/** The tests of eight processes that share one session, the same for each engine. */
export function describeProcesses(name: EngineName): void {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine(name);
  });
  afterAll(() => engine.close());

  describe(`eight processes with one session in a ${name}`, () => {
    it(
      'refresh once a round when their tokens expire at once',
      { timeout: 30_000 + ROUNDS * PER_ROUND_MS },
      async () => {
        const eight = await eightProcesses(name, engine);
        for (let round = 1; round <= ROUNDS; round += 1) {
          expect(await Promise.all(eight.expireAndRequest())).toEqual(eight.processes.map(() => 200));
          expect(eight.server.refreshes).toHaveLength(round);
        }
        expect(eight.server.reuse).toEqual([]);
      },
    );

    it('lose no increment of one counter', { timeout: 60_000 }, async () => {
      const eight = await eightProcesses(name, engine);
      const { cell, close } = await openCell(name, eight.site);
      const before = (await cell.read())?.generation ?? 0;
      const times = ROUNDS;
      await Promise.all(eight.processes.map((process) => process.tell({ kind: 'increment', times })));
      expect((await cell.read())?.generation).toBe(before + 8 * times);
      close();
    });

    it(
      'reuse a refresh token only if its holder was killed between the rotation and the write',
      { timeout: 60_000 + ROUNDS * PER_ROUND_MS },
      async () => {
        const eight = await eightProcesses(name, engine, { leaseMs: LEASE_MS });
        let spent = 0;
        for (let round = 1; round <= ROUNDS; round += 1) {
          const killing = killHolder(name, eight);
          const answers = await Promise.all(eight.expireAndRequest());
          const isWindow = await killing;
          spent += Number(isWindow);
          expect(eight.server.reuse).toHaveLength(spent);
          const survivors = answers.filter((answer) => answer !== 'dead');
          expect(survivors.length).toBeGreaterThanOrEqual(7);
          expect(new Set(survivors)).toEqual(new Set([isWindow ? 'SessionExpiredError' : 200]));
          if (isWindow) await eight.signIn();
        }
        console.log(`${name}: ${String(ROUNDS)} holders killed, ${String(spent)} between the rotation and the write`);
      },
    );
  });
}
