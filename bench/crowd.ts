import type { Client } from './contender.ts';
import { shuffled } from './random.ts';

export const orders = ['in order', 'in reverse', 'at random'] as const;
export type Order = (typeof orders)[number];

/** Many requests of which all but the last are to leave. */
export interface Crowd {
  /** What it takes each of them to leave, in microseconds. */
  leave(order: Order): Promise<number>;
  /** Whether the one who stays has been answered, or refused. */
  isOver(): boolean;
  /** Answers: to the one who stays, and to those who had left. */
  came(): { readonly answered: number; readonly late: number };
}

export function crowd(client: Client, n: number, path: (i: number) => string): Crowd {
  let [answered, late] = [0, 0];
  let [left, over] = [false, false];
  const leave = Array.from({ length: n }, (_, i) =>
    client.cancellable(
      path(i),
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
  return {
    async leave(order) {
      const going = inOrder(leave.slice(0, -1), order);
      const started = performance.now();
      for (const one of going) one();
      left = true;
      // Promises tell their waiters a little later, which is a part of leaving.
      await new Promise((resolve) => setImmediate(resolve));
      return ((performance.now() - started) * 1000) / Math.max(going.length, 1);
    },
    isOver: () => over,
    came: () => ({ answered, late }),
  };
}

/** The same, in the order in which they leave. */
function inOrder<T>(waiters: readonly T[], order: Order): T[] {
  if (order === 'at random') return shuffled(waiters, waiters.length);
  return order === 'in reverse' ? waiters.toReversed() : [...waiters];
}
