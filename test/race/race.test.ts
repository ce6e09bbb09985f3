import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { explore } from './explore.ts';

const entry = pathToFileURL(path.resolve('src/session/index.ts')).href;
const runs = Number(process.env['RACE_RUNS'] ?? 20_000);

it('keeps the rules in every order of up to six events, with up to three requests', { timeout: 300_000 }, async () => {
  const parts = [0, 1].map((index) => explore({ entry, all: { events: 6, part: { index, of: 2 } } }));
  const explored = await Promise.all(parts);
  expect(explored.map(({ fault }) => fault)).toEqual(['', '']);
  const schedules = explored.reduce((sum, part) => sum + part.schedules, 0);
  console.log(`${schedules.toLocaleString('en')} schedules of six events: all there are`);
  expect(schedules).toBeGreaterThan(150_000);
});

it('keeps the rules in longer schedules, taken at random (RACE_RUNS: how many)', { timeout: 3_600_000 }, async () => {
  const { schedules, fault } = await explore({ entry, sampled: { runs } });
  expect(fault).toBe('');
  console.log(`${schedules.toLocaleString('en')} schedules of up to 24 events`);
});

it('keeps them for a client, too', { timeout: 3_600_000 }, async () => {
  const { schedules, fault } = await explore({ entry, sampled: { runs: runs / 10, by: 'client' } });
  expect(fault).toBe('');
  console.log(`${schedules.toLocaleString('en')} schedules of up to 24 events with a client`);
});
