import type { Contender } from '../contender.ts';
import { inOrder, type Cancelled, type Order } from '../scenarios/cancel.ts';
import { httpStage, PATIENCE_MS } from './http-stage.ts';
import type { Remote } from './remote.ts';

/** What came of it that all but one of those who waited for a refresh left. */
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
  let [answered, late] = [0, 0];
  let [left, over] = [false, false];
  const leave = Array.from({ length: n }, (_, i) =>
    client.cancellable(
      `/held/${i}`,
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
  await until(({ seen }) => seen.requests === n);
  await tell('answer');
  await until(({ held }) => held > 0);
  // The server has refused all: until they know.
  await calm();

  const going = inOrder(leave.slice(0, -1), order);
  const started = performance.now();
  for (const one of going) one();
  left = true;
  await new Promise((resolve) => setImmediate(resolve));
  const microseconds = ((performance.now() - started) * 1000) / Math.max(going.length, 1);

  await tell('release');
  const patience = performance.now() + PATIENCE_MS / 2;
  while (!over && performance.now() < patience) await new Promise((resolve) => setTimeout(resolve, 2));
  const { seen } = await calm();
  stop();
  return { microseconds, answered, resent: seen.resent, late, refreshes: seen.refreshes };
}
