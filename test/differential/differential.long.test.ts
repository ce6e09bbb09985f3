import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { deliberate } from './deliberate.ts';
import { adapters, cases, useDifferential } from './faults.ts';
import { whilePolluted } from './pollution.ts';
import { randomCase } from './random-cases.ts';
import { pageOf } from './report.ts';
import type { Version } from './versions.ts';

failOnUnhandled();
const { faults, faultsOfAll, sightings } = useDifferential();
const page = 'docs/axios-differences.md';
const timeout = 600_000;

describe('compared with raw axios, an attached instance and a client', () => {
  it.each(['newest', 'oldest'].flatMap((version) => adapters.map((adapter) => [version as Version, adapter] as const)))(
    'send and return the same except for intended differences, with the %s axios and its %s adapter',
    { timeout },
    async (version, adapter) => {
      expect(await faultsOfAll(version, adapter)).toEqual([]);
    },
  );

  it('differ in everything that docs/axios-differences.md lists, and in nothing else', async () => {
    expect(deliberate.filter((one) => !sightings.get(one)?.length).map(({ what }) => what)).toEqual([]);
    const text = await format(pageOf(sightings, { cases: cases.length }), {
      ...(await resolveConfig(page)),
      filepath: page,
    });
    if (process.env['UPDATE_DIFFERENCES']) writeFileSync(page, text);
    expect(readFileSync(page, 'utf8')).toBe(text);
  });

  it.each(adapters)(
    'send the same and return the same while Object.prototype is polluted, with the %s adapter',
    { timeout },
    async (adapter) => {
      // Only the newest axios is compared, because the oldest one itself reads options from a polluted prototype.
      expect(await whilePolluted(() => faultsOfAll('newest', adapter))).toEqual([]);
    },
  );

  it.each(adapters)(
    'send the same and return the same for random requests, with the %s adapter',
    { timeout },
    async (adapter) => {
      await fc.assert(
        fc.asyncProperty(randomCase, async (given) => {
          expect(await faults(given, 'newest', adapter)).toEqual([]);
        }),
        { numRuns: 300 },
      );
    },
  );
});
