import { afterAll, expect, it } from 'vitest';
import { fakeClock } from './clock.ts';
import { mutants } from './mutants.ts';
import { workshop } from './mutate.ts';
import { enumerate } from './replay.ts';
import { sample } from './sample.ts';

const shop = workshop();
afterAll(() => {
  shop[Symbol.dispose]();
});

it.each(mutants)('the explorer catches a session that $name', { timeout: 60_000 }, async (mutant) => {
  const sluice = await shop.make(mutant);
  using clock = fakeClock(Date.UTC(2026, 0, 1));
  let caught = '';
  enumerate(sluice, clock, 4, ({ faults }) => {
    caught = faults.join();
    return caught === '';
  });
  if (caught === '') {
    try {
      sample(sluice, clock, 20_000, 1);
    } catch (error) {
      caught = String(error);
    }
  }
  expect(caught).toMatch(/rule \d+/);
});
