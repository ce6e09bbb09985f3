import { expect, it } from 'vitest';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { useDifferential } from './faults.ts';

failOnUnhandled();
const { faultsOfAll } = useDifferential();

/** The other adapters and versions of axios, and random requests, take minutes: `differential.long.test.ts`. */
it('an attached instance and a client differ from raw axios only as intended', { timeout: 600_000 }, async () => {
  expect(await faultsOfAll('newest', 'http')).toEqual([]);
});
