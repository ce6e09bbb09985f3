import type { Contender } from '../contender.ts';
import { random } from '../random.ts';
import { all, stage } from '../stage.ts';

/** Expiry after expiry, answers in any order, a server that takes each refresh token once. */
export interface Rounds {
  readonly refreshesPerRound: number;
  readonly failed: number;
  readonly unanswered: number;
  readonly reused: number;
}

export async function rounds(contender: Contender, count: number, n: number): Promise<Rounds> {
  const next = random(count * n);
  const jitter = (ms: number): number => next() * ms;
  const { client, world, stop } = stage(contender, {
    pace: (deliver) => void setTimeout(deliver, jitter(6)),
    beforeRefresh: () => new Promise((resolve) => setTimeout(resolve, jitter(3))),
  });
  let [failed, unanswered, done] = [0, 0, 0];
  for (; done < count && unanswered === 0; done++) {
    world.expire();
    const ended = await all(n, (ok, bad, i) => {
      client.get(`/x/${i}`, ok, bad);
    });
    failed += ended.failed;
    unanswered += ended.unanswered;
  }
  stop();
  const { refreshes, reused } = world.seen;
  return { refreshesPerRound: refreshes / done, failed, unanswered, reused };
}
