import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { explore, type Explored } from './explore.ts';
import { judge } from './judge.ts';
import { coreKindsOf, type Kind } from './kinds.ts';

const entry = pathToFileURL(path.resolve('src/session/index.ts')).href;
const runs = Number(process.env['RACE_RUNS'] ?? 20_000);
/** The same schedules each time, unless more are wanted. */
const seed = process.env['RACE_RUNS'] === undefined ? 1 : undefined;
const timeout = 3_600_000;

/** Two processes, for as many cores. */
function exploreAll(events: number, focus: { holders: 1 | 2; kinds?: readonly Kind[] }): Promise<Explored[]> {
  const parts = [0, 1].map((index) => ({ index, of: 2 }));
  return Promise.all(parts.map((part) => explore({ entry, all: { events, part, focus } })));
}

it('a session keeps the rules in every order of up to six usual events, with one holder', { timeout }, async () => {
  const explored = await exploreAll(6, { holders: 1, kinds: coreKindsOf[1] });
  expect(judge(explored, 'six usual events: all there are')).toBeGreaterThan(400_000);
});

it(
  'a session keeps the rules in every order of up to four events of all kinds, with one holder',
  { timeout },
  async () => {
    const explored = await exploreAll(4, { holders: 1 });
    expect(judge(explored, 'four events of all kinds: all there are')).toBeGreaterThan(80_000);
  },
);

it(
  'a session keeps the rules in every order of up to four events of all kinds, with two holders',
  { timeout },
  async () => {
    const explored = await exploreAll(4, { holders: 2 });
    expect(judge(explored, 'four events of all kinds with two holders: all there are')).toBeGreaterThan(100_000);
  },
);

it.each([
  ['operator', 'one holder', 1, runs],
  ['operator', 'two holders', 2, runs / 4],
  ['client', 'one holder', 1, runs / 10],
] as const)(
  'a session keeps the rules in longer random schedules of all kinds, by the %s with %s (RACE_RUNS: how many)',
  { timeout },
  async (by, title, holders, n) => {
    judge(
      [await explore({ entry, sampled: { runs: n, seed, holders, by } })],
      `up to 24 events by the ${by} with ${title}`,
    );
  },
);
