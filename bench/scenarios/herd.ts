import type { Contender } from '../contender.ts';
import { together } from '../memory.ts';
import { all, faults, stage, warmUp } from '../stage.ts';

/** The times of a herd: many requests at once with a dead token. */
export interface Herd {
  /** From the first request to the last response. */
  readonly milliseconds: number;
  /** From the response to the refresh to the last response. */
  readonly resending: number;
  readonly faults: string[];
}

export async function herd(contender: Contender, n: number): Promise<Herd> {
  const { client, world, refreshedAt, stop } = stage(contender, { pace: together() });
  globalThis.gc?.();
  await warmUp(client);
  world.expire();
  const started = performance.now();
  const ended = await all(n, (done, failed, i) => {
    client.get(`/x/${i}`, done, failed);
  });
  stop();
  return {
    milliseconds: ended.at - started,
    resending: ended.at - refreshedAt(),
    faults: faults(world.seen, ended),
  };
}

/** The time in milliseconds for `n` requests at once with a valid token. */
export async function sends(contender: Contender, n: number): Promise<number> {
  const { client, stop } = stage(contender, { pace: together() });
  globalThis.gc?.();
  await warmUp(client);
  const started = performance.now();
  const ended = await all(n, (done, failed, i) => {
    client.get(`/x/${i}`, done, failed);
  });
  stop();
  return ended.at - started;
}
