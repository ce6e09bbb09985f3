import { setImmediate as immediate } from 'node:timers/promises';
import { pause } from '../support/real-time.ts';

const kinds = ['uncaughtException', 'unhandledRejection'] as const;
type Listener = (error: unknown) => void;

/**
 * Runs work that leaves errors unhandled on purpose, and resolves with them. All other listeners are removed meanwhile, because the test
 * runner's would fail the run.
 */
export async function handlingUncaught(work: () => Promise<void>): Promise<unknown[]> {
  const thrown: unknown[] = [];
  const listener: Listener = (error) => thrown.push(error);
  const others = kinds.map((kind) => process.rawListeners(kind) as Listener[]);
  kinds.forEach((kind) => process.removeAllListeners(kind).on(kind, listener));
  try {
    await work();
    await immediate();
    await pause(1);
    return thrown;
  } finally {
    kinds.forEach((kind, index) => {
      process.removeAllListeners(kind);
      for (const other of others[index] ?? []) process.on(kind, other);
    });
  }
}
