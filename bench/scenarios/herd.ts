import type { Contender } from '../contender.ts';
import { together } from '../memory.ts';
import { all, faults, stage, warmUp } from '../stage.ts';

/** What it takes when the token of many requests dies at once. */
export interface Herd {
  /** From the first request to the last answer. */
  readonly milliseconds: number;
  /** From the answer to the refresh to the last answer. */
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

/** The time for as many requests with a valid token. */
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
