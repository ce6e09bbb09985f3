import type { Clock } from './clock.ts';
import { possible } from './events.ts';
import { before, endFaults, stepFaults } from './rules.ts';
import type { Sluice } from './sluice.ts';
import { World } from './world.ts';

/** What a schedule keeps to. */
export interface Focus {
  /** The kinds of events, by number; none means all. */
  readonly kinds?: readonly number[];
  /** Writes to the store wait for their event. @defaultValue `true` */
  readonly isStoreSlow?: boolean;
}

export interface Replay {
  /** What happened, in order. */
  readonly names: readonly string[];
  readonly faults: readonly string[];
  /** Among how many each was picked. */
  readonly choices: readonly number[];
}

/**
 * Runs a new world through a schedule: each number picks among what is possible then. Afterwards everything that is owed is given,
 * so that whoever waits for ever is found.
 */
export function replay(sluice: Sluice, clock: Clock, picks: readonly number[], focus: Focus = {}): Replay {
  clock.reset();
  const world = new World(sluice, clock, focus.isStoreSlow ?? true);
  const names: string[] = [];
  const faults: string[] = [];
  const choices: number[] = [];
  for (const pick of picks) {
    const events = possible(world, focus.kinds);
    if (events.length === 0) break;
    const event = events[pick % events.length]!;
    const was = before(world);
    choices.push(events.length);
    names.push(event.name);
    event.run();
    clock.pass(10);
    faults.push(...stepFaults(world, event.name, was));
    if (faults.length > 0) break;
  }
  for (let round = 0; round < 8 && faults.length === 0; round += 1) {
    world.storeWrites();
    for (const send of world.ledger.inFlight) world.respond(send);
    world.refreshEnds('ok');
    world.storeWrites();
    world.pass(2_000);
  }
  world.pass(200_000);
  if (faults.length === 0) faults.push(...endFaults(world));
  world.session.dispose();
  for (const subscription of world.subscriptions) subscription.unsubscribe();
  return { names, faults, choices };
}

/** Every schedule of so many events. Calls back with each; stops where that says so. */
export function enumerate(sluice: Sluice, clock: Clock, length: number, visit: (replayed: Replay) => boolean): void {
  const picks: number[] = Array<number>(length).fill(0);
  for (let at = 0; at >= 0;) {
    const replayed = replay(sluice, clock, picks);
    if (!visit(replayed)) return;
    // Like counting up, where each place has as many digits as there were choices.
    for (at = length - 1; at >= 0 && picks[at]! + 1 >= (replayed.choices[at] ?? 1); at -= 1) picks[at] = 0;
    if (at >= 0) picks[at]! += 1;
  }
}
