import type { Clock } from './clock.ts';
import { possible } from './events.ts';
import { before, endFaults, stepFaults } from './rules.ts';
import type { Sluice } from './sluice.ts';
import { byOperator } from './ways.ts';
import { type Conditions, World } from './world.ts';

/** What a schedule keeps to. */
export interface Focus extends Partial<Conditions> {
  /** The kinds of events, by number; none means all. */
  readonly kinds?: readonly number[];
}

export interface Replay {
  /** What happened, in order. */
  readonly names: readonly string[];
  readonly faults: readonly string[];
  /** Among how many each was picked. */
  readonly choices: readonly number[];
}

/** Yields after whatever it does, for those whose requests need a moment. */
function* run(
  sluice: Sluice,
  clock: Clock,
  picks: readonly number[],
  { kinds, isStoreSlow = true, isStoreLocked = false, way = byOperator }: Focus,
): Generator<void, Replay> {
  clock.reset();
  const world = new World(sluice, clock, { isStoreSlow, isStoreLocked, way });
  const names: string[] = [];
  const faults: string[] = [];
  const choices: number[] = [];
  for (const pick of picks) {
    const events = possible(world, kinds);
    if (events.length === 0) break;
    const event = events[pick % events.length]!;
    const was = before(world);
    choices.push(events.length);
    names.push(event.name);
    event.run();
    yield;
    clock.pass(10);
    yield;
    faults.push(...stepFaults(world, event.name, was));
    if (faults.length > 0) break;
  }
  for (let round = 0; round < 8 && faults.length === 0; round += 1) {
    for (const owed of [
      () => world.grant(),
      () => world.storeWrites(),
      () => world.ledger.inFlight.forEach((send) => world.respond(send)),
      () => world.refreshEnds('ok'),
      () => world.storeWrites(),
      () => world.pass(2_000),
    ]) {
      owed();
      yield;
    }
  }
  world.pass(200_000);
  yield;
  if (faults.length === 0) faults.push(...endFaults(world));
  world.session.dispose();
  for (const subscription of world.subscriptions) subscription.unsubscribe();
  return { names, faults, choices };
}

/**
 * Runs a new world through a schedule: each number picks among what is possible then. Afterwards everything that is owed is given,
 * so that whoever waits for ever is found.
 */
export function replay(sluice: Sluice, clock: Clock, picks: readonly number[], focus: Focus = {}): Replay {
  const steps = run(sluice, clock, picks, focus);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The same, where promises are to settle after each step. */
export async function replayAsync(
  sluice: Sluice,
  clock: Clock,
  picks: readonly number[],
  focus: Focus,
): Promise<Replay> {
  const steps = run(sluice, clock, picks, focus);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await new Promise(setImmediate);
  }
}

/** One of several parts of all schedules, told apart by their second event. */
export interface Part {
  readonly index: number;
  readonly of: number;
}

/** Every schedule of so many events, or a part of them. Calls back with each; stops where that says so. */
export function enumerate(
  sluice: Sluice,
  clock: Clock,
  length: number,
  visit: (replayed: Replay) => boolean,
  part: Part = { index: 0, of: 1 },
): void {
  const picks: number[] = Array<number>(length).fill(0);
  for (let at = 0; at >= 0;) {
    const isOurs = picks[1]! % part.of === part.index;
    const replayed = replay(sluice, clock, picks);
    if (isOurs && !visit(replayed)) return;
    // Like counting up, where each place has as many digits as there were choices.
    for (at = isOurs ? length - 1 : 1; at >= 0 && picks[at]! + 1 >= (replayed.choices[at] ?? 1); at -= 1) picks[at] = 0;
    if (at >= 0) picks[at]! += 1;
  }
}
