import type { Seen, Tokens } from '../world.ts';

/** What the server in the other process is told. */
export type Command =
  /** Begin anew, at another port: what a former client still sends is not counted. */
  | 'new'
  /** Make all access tokens dead. */
  | 'expire'
  /** Do nothing but tell what was seen. */
  | 'seen'
  /** Answer after random times, and so in any order. */
  | 'jitter'
  /** Answer those who were refused at `/held/`, who wait for this. */
  | 'answer'
  /** Let refreshes wait. */
  | 'hold'
  /** Let them go on. */
  | 'release';

/** What it answers to each. */
export interface State {
  readonly port: number;
  readonly tokens: Tokens;
  readonly seen: Seen;
  /** Refreshes that wait. */
  readonly held: number;
}
