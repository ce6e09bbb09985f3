import type { Client, Contender } from '../contender.ts';
import { random } from '../random.ts';
import { all, stage } from '../stage.ts';

/** The result of many expiries, one after another, on a server that responds in any order and accepts each refresh token once. */
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
  const { rounds: done, failed, unanswered } = await expiries(client, world.expire, count, n);
  stop();
  const { refreshes, reused } = world.seen;
  return { refreshesPerRound: refreshes / done, failed, unanswered, reused };
}

/** Runs the rounds on any server. Stops after the first round that leaves a request without a response. */
export async function expiries(
  client: Client,
  expire: () => unknown,
  count: number,
  n: number,
): Promise<{ rounds: number; failed: number; unanswered: number }> {
  let [failed, unanswered, done] = [0, 0, 0];
  for (; done < count && unanswered === 0; done++) {
    await expire();
    const ended = await all(n, (ok, bad, i) => {
      client.get(`/x/${i}`, ok, bad);
    });
    failed += ended.failed;
    unanswered += ended.unanswered;
  }
  return { rounds: done, failed, unanswered };
}

/** Describes in words what went wrong; an empty list means that nothing did. */
export function roundFaults({ refreshesPerRound, failed, unanswered, reused }: Rounds): string[] {
  return [
    ...(refreshesPerRound === 1 ? [] : [`${refreshesPerRound.toFixed(2)} refreshes a round`]),
    ...(reused ? [`${reused} refresh tokens reused`] : []),
    ...(failed ? [`${failed} failed`] : []),
    ...(unanswered ? [`${unanswered} never answered`] : []),
  ];
}
