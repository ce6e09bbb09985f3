import { setTimeout as pause } from 'node:timers/promises';
import { readProperty } from '../session/internal.ts';

const PATIENCE_MS = 1_000;
const LONGEST_PAUSE_MS = 100;

/** What Windows answers while another process has the file open: a reader, a virus scanner, an indexer. */
const isTransient = (error: unknown): boolean =>
  ['EPERM', 'EACCES', 'EBUSY'].includes(String(readProperty(error, 'code')));

/** Does something to a file, and again for a second while another process is in the way. Any other error is thrown at once. */
export async function patiently<R>(work: () => Promise<R>): Promise<R> {
  const end = performance.now() + PATIENCE_MS;
  for (let pauseMs = 5; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error) || performance.now() > end) throw error;
    }
    await pause(pauseMs);
  }
}
