import type { Contender } from '../contender.ts';
import { together } from '../memory.ts';
import { all, quiet, stage } from '../stage.ts';

/** Live heap of requests that wait for a refresh. */
export interface Heap {
  readonly bytesPerWaiter: number;
  /** What a request leaves behind when it has been answered. */
  readonly bytesLeft: number;
}

export async function heap(contender: Contender, n: number): Promise<Heap> {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { client, world, stop } = stage(contender, { pace: together(), beforeRefresh: () => released });
  // Send some requests first, so that what is created only once does not count as their heap.
  await all(50, (done, failed, i) => {
    client.get(`/x/${i}`, done, failed);
  });
  world.expire();
  const before = await live();
  const ended = all(n, (done, failed, i) => {
    client.get(`/x/${i}`, done, failed);
  });
  await quiet();
  const parked = await live();
  release();
  await ended;
  const after = await live();
  stop();
  return { bytesPerWaiter: (parked - before) / n, bytesLeft: (after - before) / n };
}

async function live(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}
