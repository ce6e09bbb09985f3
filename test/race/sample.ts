import fc from 'fast-check';
import type { Clock } from './clock.ts';
import { KINDS } from './events.ts';
import { type Focus, replay, replayAsync, type Replay } from './replay.ts';
import type { Sluice } from './sluice.ts';
import type { Way } from './world.ts';

const every = KINDS.map((_, kind) => kind);
const schedules = (only?: readonly string[]): fc.Arbitrary<{ picks: number[] } & Focus> =>
  fc.record({
    picks: fc.array(fc.nat({ max: 999 }), { minLength: 7, maxLength: 24 }),
    // Few kinds at a time: what needs the same few things again and again would hardly ever come up else.
    kinds: only
      ? fc.constant(only.map((kind) => KINDS.indexOf(kind)))
      : fc.oneof(fc.constant(every), fc.subarray(every, { minLength: 3, maxLength: 7 })),
    isStoreSlow: fc.boolean(),
    isStoreLocked: fc.boolean(),
  });
const judge = ({ names, faults }: Replay): void => {
  if (faults.length > 0) throw new Error(`${faults.join('\n')}\nafter ${names.join(' | ')}`);
};

export interface SampleOptions {
  readonly seed?: number | undefined;
  /** Which events are wanted, where only those matter. */
  readonly kinds?: readonly string[] | undefined;
}

/** Schedules longer than can all be tried: so many at random, the shortest that fails told as what happened in it. */
export function sample(sluice: Sluice, clock: Clock, runs: number, { seed, kinds }: SampleOptions = {}): void {
  fc.assert(
    fc.property(schedules(kinds), ({ picks, ...focus }) => {
      judge(replay(sluice, clock, picks, focus));
    }),
    { numRuns: runs, includeErrorInReport: true, ...(seed !== undefined && { seed }) },
  );
}

/** The same for requests that go another way, and need a moment after each step. */
export async function sampleAsync(sluice: Sluice, clock: Clock, runs: number, way: Way): Promise<void> {
  await fc.assert(
    fc.asyncProperty(schedules(), async ({ picks, ...focus }) => {
      judge(await replayAsync(sluice, clock, picks, { ...focus, way }));
    }),
    { numRuns: runs, includeErrorInReport: true },
  );
}
