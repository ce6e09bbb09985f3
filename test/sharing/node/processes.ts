import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eightProcesses, ROUNDS } from './eight-processes.ts';
import { type Engine, type EngineName, openCell, startEngine } from './engines.ts';
import { KILLS, playKill } from './kill-holder.ts';

const PER_ROUND_MS = 12_000;

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
        const eight = await eightProcesses(name, engine, KILLS);
        let spent = 0;
        for (let round = 1; round <= ROUNDS; round += 1) {
          const { isWindow, answers } = await playKill(name, eight);
          spent += Number(isWindow);
          expect(eight.server.reuse).toHaveLength(spent);
          expect(new Set(answers)).toEqual(new Set([isWindow ? 'SessionExpiredError' : 200]));
          if (isWindow) await eight.signIn();
        }
        console.log(`${name}: ${String(ROUNDS)} holders killed, ${String(spent)} between the rotation and the write`);
      },
    );

    it(
      'stay signed in whenever a holder is killed, if the server takes a refresh token for a while after its rotation',
      { timeout: 60_000 + ROUNDS * PER_ROUND_MS },
      async () => {
        // Much longer than a lease, after which the next holder presents the token again.
        const eight = await eightProcesses(name, engine, { ...KILLS, graceMs: 120_000 });
        const { cell, close } = await openCell(name, eight.site);
        const owner = (await cell.read())?.owner;
        let refreshes = 0;
        for (let round = 1; round <= ROUNDS; round += 1) {
          const { isWindow, answers } = await playKill(name, eight);
          expect(new Set(answers), `round ${String(round)}`).toEqual(new Set([200]));
          // Only the holder after one that was killed in the window may present its token again.
          refreshes += isWindow ? 2 : 1;
          expect(eight.server.refreshes).toHaveLength(refreshes);
        }
        expect(eight.server.reuse).toEqual([]);
        expect(eight.server.repeats).toHaveLength(refreshes - ROUNDS);
        expect((await cell.read())?.owner).toBe(owner);
        close();
        console.log(`${name}: ${String(ROUNDS)} holders killed, ${String(refreshes - ROUNDS)} tokens presented again`);
      },
    );
  });
}
