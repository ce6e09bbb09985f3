import { vi } from 'vitest';

/**
 * `vi.waitFor` with a limit that only a test which hangs reaches: vitest's own limit, one second, is sometimes too short for a busy
 * machine.
 */
export function waitFor<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 30_000, interval: 20 });
}
