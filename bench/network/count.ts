import type { Contender } from '../contender.ts';
import { orders, type Order } from '../crowd.ts';
import { cancelFaults } from '../scenarios/cancel.ts';
import { roundFaults, type Rounds } from '../scenarios/rounds.ts';
import { faults } from '../stage.ts';
import { cancelOverHttp, type CancelledOverHttp } from './cancel.ts';
import type { Counts } from './counts.ts';
import { duringRefreshOverHttp } from './during-refresh.ts';
import { lateOverHttp } from './late.ts';
import type { Remote } from './remote.ts';
import { roundsOverHttp } from './rounds.ts';

/** What the server in the other process has counted of one contender. */
export interface Counted {
  readonly duringRefresh: Counts;
  readonly late: Counts;
  readonly rounds: Rounds;
  readonly cancelling: Partial<Record<Order, CancelledOverHttp>>;
}

export interface CountSize {
  readonly during: number;
  readonly rounds: number;
  readonly perRound: number;
  readonly cancel: number;
}

export async function countOverHttp(
  contender: Contender,
  remote: Remote,
  size: CountSize,
): Promise<{ counted: Counted; faults: Record<string, string[]> }> {
  const duringRefresh = await duringRefreshOverHttp(contender, remote, size.during);
  const late = await lateOverHttp(contender, remote);
  const rounds = await roundsOverHttp(contender, remote, size.rounds, size.perRound);
  const found: Record<string, string[]> = {
    'during the refresh over HTTP': faults(duringRefresh, duringRefresh),
    'late 401 over HTTP': faults(late, late),
    'rounds over HTTP': roundFaults(rounds),
  };
  const cancelling: Counted['cancelling'] = {};
  for (const order of orders) {
    const cancelled = await cancelOverHttp(contender, remote, size.cancel, order);
    cancelling[order] = cancelled;
    const { refreshes } = cancelled;
    found[`cancel ${size.cancel} ${order} over HTTP`] = [
      ...(refreshes === 1 ? [] : [`${refreshes} refreshes`]),
      ...cancelFaults(cancelled),
    ];
  }
  return { counted: { duringRefresh, late, rounds, cancelling }, faults: found };
}
