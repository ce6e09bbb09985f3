import { afterEach, beforeEach, vi } from 'vitest';

/** Gives each test of the file timers and a clock that only `vi.advanceTimersByTime` and its like move. */
export function useFakeTime(): void {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}
