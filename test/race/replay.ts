import type { Clock } from './clock.ts';
import { endFaults, settle } from './end-faults.ts';
import { nameOf, possible } from './events.ts';
import { invariantFaults } from './invariants.ts';
import { type Kind, kindsOf } from './kinds.ts';
import { before, eventFaults } from './rules.ts';
import type { Sluice } from './sluice.ts';
import { byOperator } from './ways.ts';
import { type Conditions, World } from './world.ts';

/** What a schedule is limited to. */
export interface Focus extends Partial<Conditions> {
  /** The kinds of events that may happen. @defaultValue all kinds */
  readonly kinds?: readonly Kind[];
}

export interface Replay {
  /** What happened, in order. */
  readonly names: readonly string[];
  readonly faults: readonly string[];
  /** The number of choices at each step. */
  readonly choices: readonly number[];
}

const usual: Conditions = {
  holders: 1,
  way: byOperator,
  isCookie: false,
  answersLate: false,
  writing: 'slow',
  keepsOwner: true,
  news: 'at once',
  start: 'signed in',
};

/** Yields after each step, for ways of sending that need a moment. */
function* run(
  sluice: Sluice,
  clock: Clock,
  picks: readonly number[],
  { kinds, ...focus }: Focus,
): Generator<void, Replay> {
  clock.reset();
  const conditions = { ...usual, ...focus };
  const world = new World(sluice, clock, conditions);
  const { ledger } = world;
  const names: string[] = [];
  const faults: string[] = [];
  const choices: number[] = [];
  for (const pick of picks) {
    const events = possible(world, kinds ?? kindsOf[conditions.holders]);
    if (events.length === 0) break;
    const event = events[pick % events.length]!;
    const was = before(world);
    choices.push(events.length);
    names.push(nameOf(event, world));
    event.run();
    yield;
    eventFaults(world, event, was);
    clock.pass(10);
    yield;
    invariantFaults(world, event, was);
    faults.push(...ledger.faults.splice(0));
    if (faults.length > 0) break;
  }
  if (faults.length === 0) {
    for (const given = settle(world); !given.next().done && ledger.faults.length === 0;) yield;
    faults.push(...(ledger.faults.length > 0 ? ledger.faults.splice(0) : endFaults(world)));
  }
  for (const { session, subscriptions } of world.holders) {
    session.dispose();
    for (const subscription of subscriptions) subscription?.unsubscribe();
  }
  return { names, faults, choices };
}

/**
 * Runs a new world through a schedule: each number chooses among the events that are possible at that step.
 * Afterwards everything pending is answered, so that anything that waits for ever is found.
 */
export function replay(sluice: Sluice, clock: Clock, picks: readonly number[], focus: Focus = {}): Replay {
  const steps = run(sluice, clock, picks, focus);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Like `replay`, for ways of sending in which promises have to settle after each step. */
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

/** One of several parts of all schedules, divided by their second event. */
export interface Part {
  readonly index: number;
  readonly of: number;
}

/** Every schedule of so many events, or a part of them. Calls back with each; stops when the callback says so. */
export function enumerate(
  sluice: Sluice,
  clock: Clock,
  length: number,
  visit: (replayed: Replay) => boolean,
  { focus, part = { index: 0, of: 1 } }: { readonly focus?: Focus | undefined; readonly part?: Part | undefined } = {},
): void {
  const picks: number[] = Array<number>(length).fill(0);
  for (let at = 0; at >= 0;) {
    const isOurs = picks[1]! % part.of === part.index;
    const replayed = replay(sluice, clock, picks, focus);
    if (isOurs && !visit(replayed)) return;
    // Works like counting, where each digit has as many values as there were choices.
    for (at = isOurs ? length - 1 : 1; at >= 0 && picks[at]! + 1 >= (replayed.choices[at] ?? 1); at -= 1) picks[at] = 0;
    if (at >= 0) picks[at]! += 1;
  }
}
