import type { Contender } from '../contender.ts';
import { together } from '../memory.ts';
import { all, faults, quiet, stage } from '../stage.ts';

/** Starts half of the requests with a dead token, and the other half while the refresh runs. Returns what went wrong. */
export async function duringRefresh(contender: Contender, n: number): Promise<string[]> {
  let begun = (): void => undefined;
  const began = new Promise<void>((resolve) => {
    begun = resolve;
  });
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { client, world, stop } = stage(contender, {
    pace: together(),
    beforeRefresh: () => {
      begun();
      world.renewing();
      return released;
    },
  });
  world.expire();
  const ended = await all(n, (done, failed, i) => {
    if (i % 2 === 0) client.get(`/x/${i}`, done, failed);
    else
      void began.then(() => {
        client.get(`/x/${i}`, done, failed);
        // Do not wait for a fixed time: on a slow machine the requests that start now would get their 401 after the refresh.
        if (i >= n - 2) void quiet().then(release);
      });
  });
  stop();
  return faults(world.seen, ended);
}
