import fc from 'fast-check';
import type { Clock } from './clock.ts';
import { type Kind, kindsOf } from './kinds.ts';
import { type Focus, replay, replayAsync, type Replay } from './replay.ts';
import type { Sluice } from './sluice.ts';
import type { Way } from './holder.ts';

/** Which schedules are wanted, if only some matter. */
export interface SampleOptions extends Omit<Focus, 'way'> {
  readonly runs: number;
  readonly seed?: number | undefined;
}

type Schedule = { readonly picks: number[] } & Focus;

const holders = fc.constantFrom(1, 2);
const schedules = (focus: Focus): fc.Arbitrary<Schedule> =>
  (focus.holders ? fc.constant(focus.holders) : holders).chain((count) =>
    fc
      .record({
        picks: fc.array(fc.nat({ max: 9_999 }), { minLength: 5, maxLength: 24 }),
        // Few kinds at a time; otherwise schedules that repeat the same few events would hardly ever occur.
        kinds: fc.oneof(
          fc.constant(kindsOf[count]),
          fc.subarray<Kind>([...kindsOf[count]], { minLength: 3, maxLength: 9 }),
        ),
        holders: fc.constant(count),
        isCookie: fc.nat(7).map((n) => n === 0),
        answersLate: fc.boolean(),
        writing: fc.constantFrom('at once', 'slow', 'slow and late'),
        keepsOwner: fc.nat(3).map((n) => n > 0),
        news: fc.constantFrom('at once', 'held'),
        start: fc.constantFrom('signed in', 'signed in', 'signed in', 'signed out', 'unreadable'),
      } satisfies Record<string, fc.Arbitrary<unknown>>)
      .map((schedule) => ({ ...schedule, ...focus }))
      // What a late response restores by a cookie is not stored for others.
      .map((schedule) =>
        schedule.holders === 2 && schedule.answersLate ? { ...schedule, isCookie: false } : schedule,
      ),
  );
const judge = ({ names, faults }: Replay, { picks, way, kinds, ...conditions }: Schedule): void => {
  if (faults.length > 0)
    throw new Error(`${faults.join('\n')}\nafter ${names.join(' | ')}\n${JSON.stringify(conditions)}`);
};

/**
 * Random schedules that are too long to try all of them; reports the shortest one that fails, as what happened in it.
 */
export function sample(sluice: Sluice, clock: Clock, { runs, seed, ...focus }: SampleOptions): void {
  fc.assert(
    fc.property(schedules(focus), (schedule) => {
      judge(replay(sluice, clock, schedule.picks, schedule), schedule);
    }),
    { numRuns: runs, includeErrorInReport: true, ...(seed !== undefined && { seed }) },
  );
}

/** The same for ways of sending that need a moment after each step. */
export async function sampleAsync(
  sluice: Sluice,
  clock: Clock,
  { runs, seed, ...focus }: SampleOptions,
  way: Way,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(schedules(focus), async (schedule) => {
      judge(await replayAsync(sluice, clock, schedule.picks, { ...schedule, way }), schedule);
    }),
    { numRuns: runs, includeErrorInReport: true, ...(seed !== undefined && { seed }) },
  );
}
