import type { Contender } from '../contender.ts';
import { atOnce } from '../memory.ts';
import { all, stage, warmUp } from '../stage.ts';

/** What a request costs while its token is valid. */
export interface Steady {
  readonly microseconds: number;
  /** Allocated, whether it lives on or not. */
  readonly bytes: number;
  readonly faults: string[];
}

const CONCURRENT = 50;

export async function steady(contender: Contender, n: number): Promise<Steady> {
  const { client, world, stop } = stage(contender, { pace: atOnce });
  const batch = (): ReturnType<typeof all> =>
    all(CONCURRENT, (done, failed, i) => {
      client.get(`/x/${i}`, done, failed);
    });
  globalThis.gc?.();
  await warmUp(client);
  const before = process.memoryUsage().heapUsed;
  const started = performance.now();
  let bad = 0;
  const rounds = Math.ceil(n / CONCURRENT);
  for (let i = 0; i < rounds; i++) bad += CONCURRENT - (await batch()).ok;
  const microseconds = ((performance.now() - started) * 1000) / (rounds * CONCURRENT);
  // With a young generation that is larger than all of it, nothing was collected meanwhile.
  const bytes = (process.memoryUsage().heapUsed - before) / (rounds * CONCURRENT);
  stop();
  const { refreshes } = world.seen;
  return { microseconds, bytes, faults: [...(bad ? [`${bad} failed`] : []), ...(refreshes ? ['refreshed'] : [])] };
}
