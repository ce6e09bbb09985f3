import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { expect } from 'vitest';

/** Runs `test` in virtual time: `marbles(({ cold, expectObservable }) => { … })`. */
export function marbles<T>(test: (helpers: RunHelpers) => T): T {
  const scheduler = new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected);
  });
  return scheduler.run(test);
}
