import { onTestFinished, vi } from 'vitest';
import { realNow } from './real-time.ts';

/**
 * Makes RxJS, and with it every time limit of a session, follow a clock that only the returned function moves, until the test ends.
 * Sockets and servers keep the real time. So a test can end a refresh that hangs, while a slow machine ends none that does not.
 *
 * @returns moves that clock on, by milliseconds
 */
export function holdTimeLimits(): (ms: number) => void {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: realNow() });
  onTestFinished(() => void vi.useRealTimers());
  return (ms) => void vi.advanceTimersByTime(ms);
}
