import type { Client } from './contender.ts';
import { shuffled } from './random.ts';

export const orders = ['in order', 'in reverse', 'at random'] as const;
export type Order = (typeof orders)[number];

/** Many requests, all of which are cancelled except the last one. */
export interface Crowd {
  /** Cancels them in this order; resolves with the average time of a cancellation, in microseconds. */
  leave(order: Order): Promise<number>;
  /** Whether the last request has succeeded or failed. */
  isOver(): boolean;
  /** How many responses were delivered: to the last request, and to requests after they were cancelled. */
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
      // Promises run their handlers a little later; the time for these is a part of a cancellation.
      await new Promise((resolve) => setImmediate(resolve));
      return ((performance.now() - started) * 1000) / Math.max(going.length, 1);
    },
    isOver: () => over,
    came: () => ({ answered, late }),
  };
}

/** The same functions, in the order in which they are called. */
function inOrder<T>(waiters: readonly T[], order: Order): T[] {
  if (order === 'at random') return shuffled(waiters, waiters.length);
  return order === 'in reverse' ? waiters.toReversed() : [...waiters];
}
