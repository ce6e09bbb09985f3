import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { faultsOf, rowsOf } from './requirement-rows.ts';

const rows = rowsOf(readFileSync('docs/sharing-requirements.md', 'utf8'));

/** What cannot be tested on the machines where the tests run. */
const UNTESTED = ['W16 (eviction)', 'F8 (Windows)'];

const upTo = (letter: string, last: number): string[] =>
  Array.from({ length: last }, (_, n) => `${letter}${String(n + 1)}`);

it('docs/sharing-requirements.md has one row for each requirement, and no other', () => {
  const ids = [...upTo('W', 16), ...upTo('F', 13), ...upTo('R', 8), ...UNTESTED];
  expect(rows.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
});

it.for(rows)('docs/sharing-requirements.md names tests that exist for $id', (row) => {
  expect(faultsOf(row, UNTESTED)).toEqual([]);
});

describe('a row of requirements is faulty', () => {
  const here = 'test/docs/sharing-requirements.test.ts';
  const title = 'docs/sharing-requirements.md has one row for each requirement, and no other';

  it.each([
    ['names no test', '', 'X1 names no test, but: '],
    ['only says that there is no test', 'Not tested: it is hard.', 'X1 names no test.'],
    ['names a file that does not exist', '`test/docs/none.test.ts` “title”', 'X1 names test/docs/none.test.ts, which'],
    ['names a part of a title', `\`${here}\` “${title.slice(1)}”`, `X1 names a test that is not in ${here}: ocs/`],
    ['names a wrong test after a right one', `\`${here}\` “${title}”<br>\`${here}\` “other”`, 'X1 names a test that'],
  ])('if it %s', (_how, tests, fault) => {
    expect(faultsOf({ id: 'X1', tests }, ['X2'])).toEqual([expect.stringContaining(fault)]);
  });

  it('unless it names a test, or is listed as one without', () => {
    expect(faultsOf({ id: 'X1', tests: `\`${here}\` “${title}”` }, [])).toEqual([]);
    expect(faultsOf({ id: 'X2', tests: 'Not tested: it is hard.' }, ['X2'])).toEqual([]);
  });
});
