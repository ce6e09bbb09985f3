import type { Contender } from '../contender.ts';
import { crowd, type Order } from '../crowd.ts';
import { together } from '../memory.ts';
import { quiet, stage } from '../stage.ts';

/** The result of cancelling all but one of the requests that wait for a refresh. */
export interface Cancelled {
  /** The average time of a cancellation. */
  readonly microseconds: number;
  /** Responses to the request that was not cancelled: 1 is correct. */
  readonly answered: number;
  /** Requests that the server got after the refresh: 1 is correct. */
  readonly resent: number;
  /** Responses that were delivered to cancelled requests. */
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
  // Wait until every request waits for the refresh: after its 401, or held before it was sent.
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

/** Describes in words what went wrong; an empty list means that nothing did. */
export function cancelFaults({ answered, resent, late }: Pick<Cancelled, 'answered' | 'resent' | 'late'>): string[] {
  return [
    ...(answered === 1 ? [] : ['who stayed got no answer']),
    ...(resent > 1 ? [`${resent - 1} sent again for nobody`] : []),
    ...(late ? [`${late} answered after leaving`] : []),
  ];
}
