import { expect, it } from 'vitest';
import { type CaseResult, lineOf } from './cases-reporter.ts';

const passed: readonly CaseResult[] = [
  { group: 'connection', id: 'a', state: 'passed' },
  { group: 'connection', id: 'a', state: 'passed' },
  { group: 'parsing', id: 'b', state: 'passed' },
];

it('the summary line of the cases counts a case with several tests once', () => {
  expect(lineOf(passed)).toBe('server-sent events: parsing 1 of 1, connection 1 of 1, failures: none');
});

it('the summary line lists a case once among the failures if several of its tests failed and another passed', () => {
  const failed: CaseResult = { group: 'connection', id: 'a', state: 'failed' };
  expect(lineOf([...passed, failed, failed])).toBe(
    'server-sent events: parsing 1 of 1, connection 0 of 1, failures: connection a',
  );
});

it('the summary line of the cases does not count a case whose test was skipped', () => {
  expect(lineOf([...passed, { group: 'parsing', id: 'c', state: 'skipped' }])).toBe(
    'server-sent events: parsing 1 of 2, connection 1 of 1, failures: none',
  );
});
