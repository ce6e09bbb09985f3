import { asyncScheduler } from 'rxjs';
import { InvalidInputError } from '../session/index.ts';
import { kindOf } from '../session/internal.ts';

/** The fake clock of a test runner: `vi` of Vitest, `jest` of Jest, or the clock of `@sinonjs/fake-timers` and Sinon. */
export type FakeClock =
  { advanceTimersByTimeAsync(ms: number): PromiseLike<unknown> } | { tickAsync(ms: number): PromiseLike<unknown> };

/**
 * Returns a function that moves the clock by some milliseconds, and lets all promises settle before each timer and at the end.
 *
 * @throws InvalidInputError for anything but a fake clock
 */
export function advancerOf(clock: FakeClock): (ms: number) => Promise<void> {
  const advance = methodOf(clock);
  return async (ms) => {
    const start = asyncScheduler.now();
    await advance(ms);
    const passed = asyncScheduler.now() - start;
    if (passed !== ms)
      throw new InvalidInputError(
        `The clock of fakeTime() was to move by ${ms} ms and moved by ${passed}: let the runner fake timers and Date, as vi.useFakeTimers() and ` +
          'jest.useFakeTimers() do, and let nothing else move the clock meanwhile.',
      );
  };
}

function methodOf(clock: FakeClock): (ms: number) => PromiseLike<unknown> {
  const { advanceTimersByTimeAsync, tickAsync } = Object(clock) as Partial<Record<string, unknown>>;
  if (typeof advanceTimersByTimeAsync === 'function' && 'advanceTimersByTimeAsync' in clock)
    return (ms) => clock.advanceTimersByTimeAsync(ms);
  if (typeof tickAsync === 'function' && 'tickAsync' in clock) return (ms) => clock.tickAsync(ms);
  throw new InvalidInputError(
    `fakeTime() takes a fake clock with advanceTimersByTimeAsync() or tickAsync(): vi, jest or a clock of Sinon; given: ${kindOf(clock)}.`,
  );
}
