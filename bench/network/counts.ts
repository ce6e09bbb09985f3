import type { Ended } from '../stage.ts';
import type { Seen } from '../world.ts';

/** What the server has counted, and how the requests ended. */
export type Counts = Pick<Seen, 'refreshes' | 'stale' | 'reused'> & Pick<Ended, 'failed' | 'unanswered'>;

export function counts({ refreshes, stale, reused }: Seen, ended: readonly Ended[]): Counts {
  const sum = (of: 'failed' | 'unanswered'): number => ended.reduce((total, one) => total + one[of], 0);
  return { refreshes, stale, reused, failed: sum('failed'), unanswered: sum('unanswered') };
}
