import type { Contender } from '../contender.ts';
import { crowd, type Order } from '../crowd.ts';
import { together } from '../memory.ts';
import { quiet, stage } from '../stage.ts';

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
  const waiters = crowd(client, n, (i) => `/x/${i}`);
  // Until all wait: refused, or held before they were sent.
  await quiet();
  globalThis.gc?.();

  const microseconds = await waiters.leave(order);

  release();
  const patience = performance.now() + Math.min(2000, Math.max(700, n / 5));
  while (!waiters.isOver() && performance.now() < patience) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 20));
  stop();
  const came = { ...waiters.came(), resent: world.seen.resent };
  return { microseconds, ...came, faults: cancelFaults(came) };
}

/** What was not as it should be, in words. */
export function cancelFaults({ answered, resent, late }: Pick<Cancelled, 'answered' | 'resent' | 'late'>): string[] {
  return [
    ...(answered === 1 ? [] : ['who stayed got no answer']),
    ...(resent > 1 ? [`${resent - 1} sent again for nobody`] : []),
    ...(late ? [`${late} answered after leaving`] : []),
  ];
}
