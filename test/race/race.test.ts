import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { explore } from './explore.ts';
import { coreKindsOf } from './kinds.ts';

const entry = pathToFileURL(path.resolve('src/session/index.ts')).href;
const runs = Number(process.env['RACE_RUNS'] ?? 20_000);

it('keeps the rules in every order of up to five usual events, with one holder', { timeout: 900_000 }, async () => {
  const { schedules, fault } = await explore({
    entry,
    all: { events: 5, focus: { holders: 1, kinds: coreKindsOf[1] } },
  });
  expect(fault).toBe('');
  console.log(`${schedules.toLocaleString('en')} schedules of five usual events: all there are`);
  expect(schedules).toBeGreaterThan(50_000);
});

it(
  'keeps the rules in every order of up to four events of all kinds, with one holder',
  { timeout: 900_000 },
  async () => {
    const { schedules, fault } = await explore({ entry, all: { events: 4, focus: { holders: 1 } } });
    expect(fault).toBe('');
    console.log(`${schedules.toLocaleString('en')} schedules of four events of all kinds: all there are`);
    expect(schedules).toBeGreaterThan(80_000);
  },
);

it(
  'keeps the rules in longer schedules of the usual events, taken at random (RACE_RUNS: how many)',
  { timeout: 3_600_000 },
  async () => {
    const { schedules, fault } = await explore({ entry, sampled: { runs, holders: 1, kinds: coreKindsOf[1] } });
    expect(fault).toBe('');
    console.log(`${schedules.toLocaleString('en')} schedules of up to 24 events`);
  },
);

it('keeps them for a client, too', { timeout: 3_600_000 }, async () => {
  const { schedules, fault } = await explore({
    entry,
    sampled: { runs: runs / 10, by: 'client', holders: 1, kinds: coreKindsOf[1] },
  });
  expect(fault).toBe('');
  console.log(`${schedules.toLocaleString('en')} schedules of up to 24 events with a client`);
});
