import type { Cell, StoredSession } from 'sluice/session';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { brokenCells } from '../support/broken-cells.ts';
import { siteLaws } from '../../src/testing/cell-laws.ts';
import { brokenLaws, describeCellLaws } from '../support/cell-laws.ts';
import { memorySite, type MemoryEngine } from '../support/memory-site.ts';
import { mutexOf } from '../support/mutex.ts';

beforeEach(() => {
  vi.useFakeTimers();
  // Random delays between attempts would make the order of events random.
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** The laws that each broken cell breaks. It keeps all others, so that none of them fails for another reason. */
const expected: Readonly<Record<keyof typeof brokenCells, readonly string[]>> = {
  'reads from a cache of its own, as localStorage does between processes': [
    'a swapped record is read by every holder at once, with all that is in it',
    'a swap that expects another version changes nothing',
    'of twenty swaps at the same time one wins, and says so',
    'no increment is lost among eight holders',
    'an engine that cannot be reached throws, and never reads as empty',
    'five holders whose tokens expire at the same time present each refresh token once',
    'never two holders have the turn, and each that waits gets it',
    'a holder that was succeeded cannot write',
    'a sign-out during a refresh stays',
    'a sign-out, and a sign-in after it, come to every other holder',
  ],
  'ignores the version that a swap expects': [
    'a swap that expects another version changes nothing',
    'of twenty swaps at the same time one wins, and says so',
    'no increment is lost among eight holders',
    'signed out is a record: it stays, and versions go on',
    'a holder that was succeeded cannot write',
    'a sign-out during a refresh stays',
  ],
  'compares and writes in two steps': [
    'of twenty swaps at the same time one wins, and says so',
    'no increment is lost among eight holders',
    'five holders whose tokens expire at the same time present each refresh token once',
    'never two holders have the turn, and each that waits gets it',
  ],
  'takes version 0 for any version': [
    'a swap that expects another version changes nothing',
    'of twenty swaps at the same time one wins, and says so',
    'no increment is lost among eight holders',
    'signed out is a record: it stays, and versions go on',
  ],
  'reads as empty when it fails': [
    'an engine that cannot be reached throws, and never reads as empty',
    'nobody is signed out by an outage, and afterwards one refresh runs',
  ],
  'deletes the record at sign-out, so that versions come back': [
    'signed out is a record: it stays, and versions go on',
    'a sign-out during a refresh stays',
  ],
  'has news that never come': [
    'news come to every other holder, who then reads what they are about',
    'news come again after an outage',
    'a sign-out, and a sign-in after it, come to every other holder',
  ],
  'says that it has written what it has not': [
    'a swap that expects another version changes nothing',
    'no increment is lost among eight holders',
    'five holders whose tokens expire at the same time present each refresh token once',
    'a holder that was succeeded cannot write',
    'a sign-out during a refresh stays',
    'a sign-out, and a sign-in after it, come to every other holder',
  ],
  'says that it has not written what it has': [
    'a swapped record is read by every holder at once, with all that is in it',
    'a swap that expects another version changes nothing',
    'of twenty swaps at the same time one wins, and says so',
    'no increment is lost among eight holders',
    'signed out is a record: it stays, and versions go on',
    'news come to every other holder, who then reads what they are about',
    'an engine that cannot be reached throws, and never reads as empty',
    'news come again after an outage',
  ],
  'keeps only the fields that it knows': [
    'a swapped record is read by every holder at once, with all that is in it',
    'five holders whose tokens expire at the same time present each refresh token once',
    'never two holders have the turn, and each that waits gets it',
    'a dead holder is succeeded after its lease, and not before',
    'a living holder keeps its turn beyond the lease',
  ],
  'has a lock that lets two in': [
    'never two are in the lock of the cell',
    'a wait for the lock of the cell can be withdrawn',
    'five holders whose tokens expire at the same time present each refresh token once',
    'never two holders have the turn, and each that waits gets it',
    'a living holder keeps its turn beyond the lease',
  ],
  'has a lock whose waits cannot be withdrawn': ['a wait for the lock of the cell can be withdrawn'],
  'polls for news with a timer for each holder': ['a holder that does nothing has no timer'],
};

describeCellLaws('a cell in memory', memorySite, ['news', 'lease', 'outage', 'timers']);
describeCellLaws(
  'a cell in memory with a lock',
  () =>
    memorySite((shared: MemoryEngine) => {
      const lock = mutexOf();
      return (): Cell<StoredSession> => ({ ...shared, lock });
    }),
  ['news', 'lock', 'outage', 'timers'],
);

describe('the laws of cells (a cell holds the stored record of a session)', () => {
  it('have unique titles', () => {
    expect(new Set(siteLaws.map(({ title }) => title)).size).toBe(siteLaws.length);
  });

  it.each(Object.entries(brokenCells))('find the fault of a cell that %s', async (name, engine) => {
    expect(await brokenLaws(() => memorySite(engine))).toEqual(expected[name]);
  });

  it('are each violated by a faulty cell, except those that sharedStore satisfies on any cell', () => {
    const found = new Set(Object.values(expected).flat());
    expect(siteLaws.map(({ title }) => title).filter((title) => !found.has(title))).toEqual([
      'an empty cell reads as null',
      'waiting for a turn can be given up, and leaves nothing behind',
      'a swap that threw after it took effect is resolved',
      'garbage is reported, and neither adopted nor overwritten by a start',
      'a record of a newer schema is reported and not touched, not even by a sign-in',
    ]);
  });
});
