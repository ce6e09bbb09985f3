import type { Contender } from '../contender.ts';
import { crowd, type Order } from '../crowd.ts';
import type { Cancelled } from '../scenarios/cancel.ts';
import { httpStage, PATIENCE_MS } from './http-stage.ts';
import type { Remote } from './remote.ts';

/** What happened when all but one of the requests that waited for a refresh were cancelled. */
export interface CancelledOverHttp extends Omit<Cancelled, 'faults'> {
  readonly refreshes: number;
}

export async function cancelOverHttp(
  contender: Contender,
  remote: Remote,
  n: number,
  order: Order,
): Promise<CancelledOverHttp> {
  const { client, tell, until, calm, stop } = await httpStage(contender, remote);
  await tell('expire');
  await tell('hold');
  const waiters = crowd(client, n, (i) => `/held/${i}`);
  await until(({ seen }) => seen.requests === n);
  await tell('answer');
  await until(({ held }) => held > 0);
  // The server has sent its 401s. Wait until the client has received them, so that every request waits for the refresh when it is
  // cancelled.
  await calm();

  const microseconds = await waiters.leave(order);

  await tell('release');
  const patience = performance.now() + PATIENCE_MS / 2;
  while (!waiters.isOver() && performance.now() < patience) await new Promise((resolve) => setTimeout(resolve, 2));
  const { seen } = await calm();
  stop();
  return { microseconds, ...waiters.came(), resent: seen.resent, refreshes: seen.refreshes };
}
