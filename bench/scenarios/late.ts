import type { Contender } from '../contender.ts';
import { all, faults, stage } from '../stage.ts';

/** A 401 for the old token that comes when the refresh is over: what goes wrong. */
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
      // The other one has its answer now: what the second request was told by the old token.
      setImmediate(() => held[0]?.());
    };
    client.get(`/x/${i}`, i === 1 ? first : done, failed);
  });
  stop();
  return faults(world.seen, ended);
}
