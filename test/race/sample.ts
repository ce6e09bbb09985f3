import fc from 'fast-check';
import type { Clock } from './clock.ts';
import { KINDS } from './events.ts';
import { replay, replayAsync, type Replay } from './replay.ts';
import type { Sluice } from './sluice.ts';
import type { Way } from './world.ts';

const schedules = fc.record({
  picks: fc.array(fc.nat({ max: 999 }), { minLength: 7, maxLength: 24 }),
  // Few kinds at a time: what needs the same few things again and again would hardly ever come up else.
  kinds: fc.oneof(
    fc.constant([]),
    fc.subarray(
      KINDS.map((_, kind) => kind),
      { minLength: 3, maxLength: 7 },
    ),
  ),
  isStoreSlow: fc.boolean(),
});
const judge = ({ names, faults }: Replay): void => {
  if (faults.length > 0) throw new Error(`${faults.join('\n')}\nafter ${names.join(' | ')}`);
};

/** Schedules longer than can all be tried: so many at random, the shortest that fails told as what happened in it. */
export function sample(sluice: Sluice, clock: Clock, runs: number, seed?: number): void {
  fc.assert(
    fc.property(schedules, ({ picks, ...focus }) => {
      judge(replay(sluice, clock, picks, focus));
    }),
    { numRuns: runs, includeErrorInReport: true, ...(seed !== undefined && { seed }) },
  );
}

/** The same for requests that go another way, and need a moment after each step. */
export async function sampleAsync(sluice: Sluice, clock: Clock, runs: number, way: Way): Promise<void> {
  await fc.assert(
    fc.asyncProperty(schedules, async ({ picks, ...focus }) => {
      judge(await replayAsync(sluice, clock, picks, { ...focus, way }));
    }),
    { numRuns: runs, includeErrorInReport: true },
  );
}
