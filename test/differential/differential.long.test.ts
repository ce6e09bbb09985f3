import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, useDifferential } from './faults.ts';
import { whilePolluted } from './pollution.ts';
import { randomCase } from './random-cases.ts';

failOnUnhandled();
const { faults, faultsOfAll } = useDifferential();
const timeout = 600_000;

describe('compared with raw axios, an attached instance and a client', () => {
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
