import type { Lane } from './lane.ts';

/** A sentence about the lanes, for people who do not see them. */
export function summaryOf(lanes: readonly Lane[]): string {
  const count = (ending: Lane['ending']): number => lanes.filter((lane) => lane.ending === ending).length;
  const parts = (
    [
      [count('done'), 'done'],
      [count('cancelled'), 'cancelled'],
      [count('failed'), 'failed'],
      [count(null), 'in flight'],
    ] as const
  ).filter(([n]) => n > 0);
  const told = parts.map(([n, word]) => `${n} ${word}`).join(', ');
  const failure = lanes.find(({ ending }) => ending === 'failed')?.message;
  return `${lanes.length} requests: ${told}.${failure === undefined ? '' : ` ${failure}`}`;
}
