import * as sluice from 'sluice/session';
import { expect, it } from 'vitest';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { fakeClock } from './clock.ts';
import { enumerate } from './replay.ts';
import { sample, sampleAsync } from './sample.ts';
import { byClient } from './ways.ts';

failOnUnhandled();
const runs = Number(process.env['RACE_RUNS'] ?? 20_000);
const START = Date.UTC(2026, 0, 1);

it('keeps the rules in every order of up to six events, with up to three requests', { timeout: 300_000 }, () => {
  using clock = fakeClock(START);
  let schedules = 0;
  enumerate(sluice, clock, 6, ({ names, faults }) => {
    schedules += 1;
    if (faults.length > 0) expect.fail(`${faults.join('\n')}\nafter ${names.join(' | ')}`);
    return true;
  });
  console.log(`${schedules.toLocaleString('en')} schedules of six events: all there are`);
  expect(schedules).toBeGreaterThan(150_000);
});

it('keeps the rules in longer schedules, taken at random (RACE_RUNS: how many)', { timeout: 3_600_000 }, () => {
  using clock = fakeClock(START);
  sample(sluice, clock, runs);
  console.log(`${runs.toLocaleString('en')} schedules of up to 24 events`);
});

it('keeps them for a client, too', { timeout: 3_600_000 }, async () => {
  using clock = fakeClock(START);
  await sampleAsync(sluice, clock, runs / 10, byClient);
  console.log(`${(runs / 10).toLocaleString('en')} schedules of up to 24 events with a client`);
});
