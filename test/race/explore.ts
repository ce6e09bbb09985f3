import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Part } from './replay.ts';

export interface Exploration {
  /** Where the session is that is explored: Sluice's, or a mutant's. */
  readonly entry: string;
  /** Every order of so many events, or a part of them. */
  readonly all?: { readonly events: number; readonly part?: Part };
  /** Longer schedules, at random, if those kept the rules. */
  readonly sampled?: {
    readonly runs: number;
    readonly seed?: number;
    readonly kinds?: readonly string[];
    readonly by?: 'operator' | 'client';
  };
}

export interface Explored {
  readonly schedules: number;
  /** The rule that was broken, and what led to it; empty if none was. */
  readonly fault: string;
}

/** Explores in a thread of its own: several use all cores, and code that is measured for coverage runs at a quarter of its speed. */
export async function explore(exploration: Exploration): Promise<Explored> {
  const worker = new Worker(new URL('./exploration.ts', import.meta.url), {
    workerData: exploration,
    execArgv: ['--conditions=sluice-source'],
  });
  try {
    const [explored] = (await once(worker, 'message')) as [Explored];
    return explored;
  } finally {
    await worker.terminate();
  }
}
