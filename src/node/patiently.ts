import { setTimeout as pause } from 'node:timers/promises';
import { readProperty } from '../session/internal.ts';

const PATIENCE_MS = 1_000;
const LONGEST_PAUSE_MS = 100;

/** Whether this is an error that Windows reports while another process has the file open: a reader, a virus scanner, an indexer. */
const isTransient = (error: unknown): boolean =>
  ['EPERM', 'EACCES', 'EBUSY'].includes(String(readProperty(error, 'code')));

/** Runs `work`, and tries it again for up to a second while another process has the file open. Any other error is thrown at once. */
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
