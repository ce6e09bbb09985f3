import { asyncScheduler } from 'rxjs';
import { expect, it } from 'vitest';
import { LONGEST_DELAY_MS, WaitTimeoutError, withTimeout } from '../../src/session/with-timeout.ts';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';

it('withTimeout fails when the first value is late', () => {
  marbles(({ cold, flush }) => {
    const late = record(cold('11ms a').pipe(withTimeout(10)));
    flush();
    expect(late.expectOneOutcome()).toMatchObject({ kind: 'error', error: expect.any(WaitTimeoutError) });
    expect(asyncScheduler.now()).toBe(10);
  });
});

it('withTimeout passes a first value in time on, however late the rest is', () => {
  marbles(({ cold, expectObservable, flush }) => {
    expectObservable(cold('9ms a 50ms (b|)').pipe(withTimeout(10))).toBe('9ms a 50ms (b|)');
    flush();
  });
});

it('withTimeout leaves a synchronous source synchronous', () => {
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold('(a|)').pipe(withTimeout(0))).toBe('(a|)');
  });
});

it.each([Infinity, LONGEST_DELAY_MS + 1])('withTimeout sets no timer for %d ms', (ms) => {
  marbles(({ cold, flush }) => {
    const waiting = record(cold('-').pipe(withTimeout(ms)));
    flush();
    expect(waiting.settled).toBeUndefined();
    expect(asyncScheduler.now()).toBe(0);
  });
});

it('withTimeout sets a timer for the longest delay that a timer can hold', () => {
  marbles(({ cold, flush }) => {
    record(cold('-').pipe(withTimeout(LONGEST_DELAY_MS)));
    flush();
    expect(asyncScheduler.now()).toBe(2 ** 31 - 1);
  });
});
