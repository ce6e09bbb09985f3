import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { explore } from './explore.ts';
import { judge } from './judge.ts';
import { coreKindsOf } from './kinds.ts';

// race.long.test.ts tries one event more of each, which makes ten to twenty times as many orders.
const entry = pathToFileURL(path.resolve('src/session/index.ts')).href;
const timeout = 600_000;

it('a session keeps the rules in every order of up to five usual events, with one holder', { timeout }, async () => {
  const focus = { holders: 1, kinds: coreKindsOf[1] } as const;
  const explored = [await explore({ entry, all: { events: 5, focus } })];
  expect(judge(explored, 'five usual events: all there are')).toBeGreaterThan(50_000);
});

it(
  'a session keeps the rules in every order of up to three events of all kinds, with one holder',
  { timeout },
  async () => {
    const explored = [await explore({ entry, all: { events: 3, focus: { holders: 1 } } })];
    expect(judge(explored, 'three events of all kinds: all there are')).toBeGreaterThan(4_900);
  },
);

it(
  'a session keeps the rules in every order of up to three events of all kinds, with two holders',
  { timeout },
  async () => {
    const explored = [await explore({ entry, all: { events: 3, focus: { holders: 2 } } })];
    expect(judge(explored, 'three events of all kinds with two holders: all there are')).toBeGreaterThan(5_000);
  },
);

it.each([
  ['operator', 'one holder', 1, 2_000],
  ['operator', 'two holders', 2, 500],
  ['client', 'one holder', 1, 200],
] as const)(
  'a session keeps the rules in longer random schedules of all kinds, by the %s with %s',
  { timeout },
  async (by, title, holders, runs) => {
    const explored = [await explore({ entry, sampled: { runs, seed: 1, holders, by } })];
    judge(explored, `up to 24 events by the ${by} with ${title}`);
  },
);
