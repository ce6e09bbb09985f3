import type { Contender } from '../contender.ts';
import { together } from '../memory.ts';
import { random } from '../random.ts';
import { quiet, stage } from '../stage.ts';

export const orders = ['in order', 'in reverse', 'at random'] as const;
export type Order = (typeof orders)[number];

/** All but one of those who wait for a refresh leave. */
export interface Cancelled {
  /** To leave, a waiter. */
  readonly microseconds: number;
  readonly faults: string[];
}

export async function cancel(contender: Contender, n: number, order: Order): Promise<Cancelled> {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { client, world, stop } = stage(contender, { pace: together(), beforeRefresh: () => released });
  world.expire();
  let [ok, late] = [0, 0];
  let left = false;
  const leave = Array.from({ length: n }, (_, i) =>
    client.cancellable(
      `/x/${i}`,
      () => {
        if (i === n - 1) ok += 1;
        else if (left) late += 1;
      },
      () => undefined,
    ),
  );
  // Until all wait: refused, or held before they were sent.
  await quiet();
  globalThis.gc?.();

  const going = leave.slice(0, -1);
  if (order === 'in reverse') going.reverse();
  if (order === 'at random') {
    const next = random(n);
    for (let i = going.length - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [going[i], going[j]] = [going[j] as () => void, going[i] as () => void];
    }
  }
  const started = performance.now();
  for (const one of going) one();
  left = true;
  // Promises tell their waiters a little later, which is a part of leaving.
  await new Promise((resolve) => setImmediate(resolve));
  const microseconds = ((performance.now() - started) * 1000) / Math.max(going.length, 1);

  const sent = world.seen.requests;
  release();
  const patience = performance.now() + 2000;
  while (ok === 0 && performance.now() < patience) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const resent = world.seen.requests - sent;
  stop();
  return {
    microseconds,
    faults: [
      ...(ok === 1 ? [] : ['who stayed got no answer']),
      ...(resent > 1 ? [`${resent - 1} sent again for nobody`] : []),
      ...(late ? [`${late} answered after leaving`] : []),
    ],
  };
}
