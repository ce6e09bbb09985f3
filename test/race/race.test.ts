import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { explore, type Explored } from './explore.ts';
import { coreKindsOf } from './kinds.ts';

const entry = pathToFileURL(path.resolve('src/session/index.ts')).href;
const runs = Number(process.env['RACE_RUNS'] ?? 20_000);
/** The same schedules each time, unless more are wanted. */
const seed = process.env['RACE_RUNS'] === undefined ? 1 : undefined;
const timeout = 3_600_000;

/** Reports how many schedules were explored, and fails with the fault of one of them. */
function judge(explored: readonly Explored[], what: string): number {
  expect(explored.map(({ fault }) => fault).filter((fault) => fault !== '')).toEqual([]);
  const schedules = explored.reduce((sum, part) => sum + part.schedules, 0);
  console.log(`${schedules.toLocaleString('en')} schedules of ${what}`);
  return schedules;
}

/** Two processes, for as many cores. */
const parts = [0, 1].map((index) => ({ index, of: 2 }));

it('a session keeps the rules in every order of up to six usual events, with one holder', { timeout }, async () => {
  const focus = { holders: 1, kinds: coreKindsOf[1] } as const;
  const explored = await Promise.all(parts.map((part) => explore({ entry, all: { events: 6, part, focus } })));
  expect(judge(explored, 'six usual events: all there are')).toBeGreaterThan(400_000);
});

it(
  'a session keeps the rules in every order of up to four events of all kinds, with one holder',
  { timeout },
  async () => {
    const focus = { holders: 1 } as const;
    const explored = await Promise.all(parts.map((part) => explore({ entry, all: { events: 4, part, focus } })));
    expect(judge(explored, 'four events of all kinds: all there are')).toBeGreaterThan(80_000);
  },
);

it('a session keeps the rules in every order of up to four usual events, with two holders', { timeout }, async () => {
  const focus = { holders: 2, kinds: coreKindsOf[2] } as const;
  const explored = await Promise.all(parts.map((part) => explore({ entry, all: { events: 4, part, focus } })));
  expect(judge(explored, 'four usual events with two holders: all there are')).toBeGreaterThan(35_000);
});

it(
  'a session keeps the rules in every order of up to three events of all kinds, with two holders',
  { timeout },
  async () => {
    const explored = [await explore({ entry, all: { events: 3, focus: { holders: 2 } } })];
    expect(judge(explored, 'three events of all kinds with two holders: all there are')).toBeGreaterThan(5_000);
  },
);

it.each([
  ['one holder', 1, runs],
  ['two holders', 2, runs / 4],
] as const)(
  'a session keeps the rules in longer random schedules of all kinds with %s (RACE_RUNS: how many)',
  { timeout },
  async (title, holders, n) => {
    judge([await explore({ entry, sampled: { runs: n, seed, holders } })], `up to 24 events with ${title}`);
  },
);

it('a client keeps the rules', { timeout }, async () => {
  const sampled = { runs: runs / 10, seed, by: 'client', holders: 1 } as const;
  judge([await explore({ entry, sampled })], 'up to 24 events with a client');
});
