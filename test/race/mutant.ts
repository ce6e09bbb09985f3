import type { Focus } from './replay.ts';

/** A deliberate fault: `search` stands once in `file`, and `replace` takes its place. */
export interface Mutant {
  /** What a session does that has it. */
  readonly name: string;
  /** From `src` on. */
  readonly file: string;
  readonly search: string;
  readonly replace: string;
  /** The conditions and events that it takes, where schedules of any would hardly ever do. */
  readonly focus?: Omit<Focus, 'way'>;
  /** The test that catches it, where the explorer cannot: no schedule has what it takes. */
  readonly test?: { readonly file: string; readonly title: string };
}
