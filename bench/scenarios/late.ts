import type { Contender } from '../contender.ts';
import { all, faults, stage } from '../stage.ts';

/** Delivers a 401 for the old token after the refresh has ended. Returns what went wrong. */
export async function late(contender: Contender): Promise<string[]> {
  const held: (() => void)[] = [];
  const { client, world, stop } = stage(contender, {
    pace: (deliver) => {
      if (held.length === 0) held.push(deliver);
      else setImmediate(deliver);
    },
  });
  world.expire();
  const ended = await all(2, (done, failed, i) => {
    const first = (): void => {
      done();
      // The second request has succeeded after a refresh. Now deliver the 401 to the first request, which it got for the old token.
      setImmediate(() => held[0]?.());
    };
    client.get(`/x/${i}`, i === 1 ? first : done, failed);
  });
  stop();
  return faults(world.seen, ended);
}
