import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import { exploredMutants, namedMutants } from './mutants.ts';
import { workshop } from './mutate.ts';
import { runNamedTests } from './run-named-tests.ts';

const shop = workshop();
afterAll(() => {
  shop[Symbol.dispose]();
}, 60_000);

it.each(exploredMutants)(
  'the race explorer finds the fault of a session that $name',
  { timeout: 300_000 },
  async ({ ...mutant }) => {
    const { fault } = await explore({
      entry: shop.make(mutant),
      all: { events: 3, focus: mutant.focus },
      sampled: { runs: 20_000, seed: 1, ...mutant.focus },
    });
    expect(fault).toMatch(/rule \d+/);
  },
);

describe('a named test fails', () => {
  let ran: Awaited<ReturnType<typeof runNamedTests>>;
  beforeAll(async () => {
    ran = await runNamedTests(shop, namedMutants);
  }, 300_000);

  it.each(namedMutants)('for a session that $name', (mutant) => {
    const passed = ran.without(mutant);
    expect(passed).not.toEqual([]);
    expect(passed.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(ran.outcomesOf(mutant).map(({ status }) => status)).toContain('failed');
  });
});

it('there are sixty deliberate faults or more, each with a name of its own', () => {
  const names = [...exploredMutants, ...namedMutants].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(60);
});
