import type { Mutant } from './mutant.ts';
import { namedMutants } from './mutants-named.ts';
import { eventMutants } from './mutants-of-events.ts';
import { oneHolderMutants } from './mutants-one-holder.ts';
import { twoHolderMutants } from './mutants-two-holders.ts';

/** All deliberate faults that the explorer has to find. */
export const exploredMutants: readonly Mutant[] = [
  ...[...oneHolderMutants, ...eventMutants].map(
    (mutant) => ({ ...mutant, focus: { holders: 1, ...mutant.focus } }) as const,
  ),
  ...twoHolderMutants.map((mutant) => ({ ...mutant, focus: { holders: 2, ...mutant.focus } }) as const),
];

/** The faults that tests in other files have to find. */
export { namedMutants };
