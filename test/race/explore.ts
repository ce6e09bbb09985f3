import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Focus, Part } from './replay.ts';
import type { SampleOptions } from './sample.ts';

export interface Exploration {
  /** The entry of the session that is explored: Sluice's, or a mutant's. */
  readonly entry: string;
  /** Every order of so many events, or a part of them. */
  readonly all?: { readonly events: number; readonly part?: Part; readonly focus?: Omit<Focus, 'way'> | undefined };
  /** Longer random schedules, if the short ones kept the rules. */
  readonly sampled?: SampleOptions & { readonly by?: 'operator' | 'client' };
}

export interface Explored {
  readonly schedules: number;
  /** The rule that was broken, and the events that led to it; empty if none was. */
  readonly fault: string;
}

/**
 * Explores in its own process: several processes use all cores, and code that is measured for coverage runs at a
 * quarter of its speed. Not in a thread: V8 has been seen to abort the whole process when one is ended (`Check
 * failed: jit_page.has_value()`).
 */
export function explore(exploration: Exploration): Promise<Explored> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./exploration.ts', import.meta.url)), [JSON.stringify(exploration)], {
      execArgv: ['--conditions=sluice-source'],
    });
    child.once('message', (explored) => {
      resolve(explored as Explored);
    });
    child.once('error', reject);
    // If a result was sent before the exit, the promise is settled and this has no effect.
    child.once('exit', (code, signal) => {
      reject(new Error(`The exploration ended without a result: ${signal ?? String(code)}`));
    });
  });
}
