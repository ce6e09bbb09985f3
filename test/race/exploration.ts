import { fakeClock } from './clock.ts';
import type { Exploration, Explored } from './explore.ts';
import { enumerate } from './replay.ts';
import { sample, sampleAsync } from './sample.ts';
import type { Sluice } from './sluice.ts';
import { byClient } from './ways.ts';

const { entry, all, sampled } = JSON.parse(process.argv[2] ?? '{}') as Exploration;
const sluice = (await import(entry)) as Sluice;
using clock = fakeClock(Date.UTC(2026, 0, 1));

let schedules = 0;
let fault = '';
if (all) {
  enumerate(
    sluice,
    clock,
    all.events,
    ({ names, faults }) => {
      schedules += 1;
      if (faults.length > 0) fault = `${faults.join('\n')}\nafter ${names.join(' | ')}`;
      return faults.length === 0;
    },
    all,
  );
}
if (sampled && fault === '') {
  const { by, ...options } = sampled;
  try {
    if (by === 'client') await sampleAsync(sluice, clock, options, byClient);
    else sample(sluice, clock, options);
    schedules += sampled.runs;
  } catch (error) {
    fault = String(error);
  }
}
process.send?.({ schedules, fault } satisfies Explored, () => {
  process.disconnect();
});
