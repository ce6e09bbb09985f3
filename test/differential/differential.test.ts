import { expect, it } from 'vitest';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { useDifferential } from './faults.ts';

failOnUnhandled();
const { faultsOfAll } = useDifferential();

/** The other adapters and versions of axios, and random requests, take minutes: `differential.long.test.ts`. */
it('an attached instance and a client send and return what raw axios does', { timeout: 600_000 }, async () => {
  expect(await faultsOfAll('newest', 'http')).toEqual([]);
});
