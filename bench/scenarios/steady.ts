import type { Contender } from '../contender.ts';
import { atOnce } from '../memory.ts';
import { all, stage, warmUp } from '../stage.ts';

/** What a request costs while its token is valid. */
export interface Steady {
  readonly microseconds: number;
  /** All bytes that a request allocates, those that are freed at once included. */
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
  // The heap only grew, because the young generation is larger than all that was allocated; a collection would make this figure too small.
  const bytes = (process.memoryUsage().heapUsed - before) / (rounds * CONCURRENT);
  stop();
  const { refreshes } = world.seen;
  return { microseconds, bytes, faults: [...(bad ? [`${bad} failed`] : []), ...(refreshes ? ['refreshed'] : [])] };
}
