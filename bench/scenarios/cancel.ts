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
  /** Of the one who stayed: 1 where all is well. */
  readonly answered: number;
  /** What the server got after the refresh: 1 where all is well. */
  readonly resent: number;
  /** Answers that came to those who had left. */
  readonly late: number;
  readonly faults: string[];
}

export async function cancel(contender: Contender, n: number, order: Order): Promise<Cancelled> {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { client, world, stop } = stage(contender, { pace: together(), beforeRefresh: () => released });
  world.expire();
  let [answered, late] = [0, 0];
  let [left, over] = [false, false];
  const leave = Array.from({ length: n }, (_, i) =>
    client.cancellable(
      `/x/${i}`,
      () => {
        if (i === n - 1) answered += 1;
        else if (left) late += 1;
        over ||= i === n - 1;
      },
      () => {
        over ||= i === n - 1;
      },
    ),
  );
  // Until all wait: refused, or held before they were sent.
  await quiet();
  globalThis.gc?.();

  const going = inOrder(leave.slice(0, -1), order);
  const started = performance.now();
  for (const one of going) one();
  left = true;
  // Promises tell their waiters a little later, which is a part of leaving.
  await new Promise((resolve) => setImmediate(resolve));
  const microseconds = ((performance.now() - started) * 1000) / Math.max(going.length, 1);

  release();
  const patience = performance.now() + Math.min(2000, Math.max(700, n / 5));
  while (!over && performance.now() < patience) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 20));
  stop();
  const came = { answered, resent: world.seen.resent, late };
  return { microseconds, ...came, faults: cancelFaults(came) };
}

/** The same, in the order in which they leave. */
export function inOrder<T>(waiters: readonly T[], order: Order): T[] {
  const going = [...waiters];
  if (order === 'in reverse') going.reverse();
  if (order === 'at random') {
    const next = random(going.length);
    for (let i = going.length - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [going[i], going[j]] = [going[j] as T, going[i] as T];
    }
  }
  return going;
}

/** What was not as it should be, in words. */
export function cancelFaults({ answered, resent, late }: Pick<Cancelled, 'answered' | 'resent' | 'late'>): string[] {
  return [
    ...(answered === 1 ? [] : ['who stayed got no answer']),
    ...(resent > 1 ? [`${resent - 1} sent again for nobody`] : []),
    ...(late ? [`${late} answered after leaving`] : []),
  ];
}
