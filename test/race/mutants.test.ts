import { afterAll, expect, it } from 'vitest';
import { explore } from './explore.ts';
import { mutants } from './mutants.ts';
import { workshop } from './mutate.ts';

const shop = workshop();
afterAll(() => {
  shop[Symbol.dispose]();
});

it.each(mutants)('the explorer catches a session that $name', { timeout: 300_000 }, async (mutant) => {
  const entry = shop.make(mutant);
  const { fault } = await explore({
    entry,
    all: { events: 3, focus: { holders: 1 } },
    sampled: { runs: 20_000, seed: 1, holders: 1, ...(mutant.kinds && { kinds: mutant.kinds }) },
  });
  expect(fault).toMatch(/rule \d+/);
});
