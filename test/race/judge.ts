import { expect } from 'vitest';
import type { Explored } from './explore.ts';

/** Reports how many schedules were explored, and fails with what was wrong about one of them. */
export function judge(explored: readonly Explored[], what: string): number {
  expect(explored.map(({ fault }) => fault).filter((fault) => fault !== '')).toEqual([]);
  const schedules = explored.reduce((sum, part) => sum + part.schedules, 0);
  console.log(`${schedules.toLocaleString('en')} schedules of ${what}`);
  return schedules;
}
