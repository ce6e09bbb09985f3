import type { Focus } from './replay.ts';

/** A deliberate fault: `search` occurs once in `file`, and is replaced by `replace`. */
export interface Mutant {
  /** What a session with this fault does. */
  readonly name: string;
  /** The path below `src`. */
  readonly file: string;
  readonly search: string;
  readonly replace: string;
  /** The conditions and events that it needs, if random schedules would hardly ever have them. */
  readonly focus?: Omit<Focus, 'way'>;
  /** The test that finds it, if the explorer cannot because no schedule has what it needs. */
  readonly test?: { readonly file: string; readonly title: string };
}
