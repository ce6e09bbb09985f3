import type { Seen, Tokens } from '../world.ts';

/** A command to the server in the other process. */
export type Command =
  /** Start a new server at another port, so that requests which an earlier client still sends are not counted. */
  | 'new'
  /** Make all access tokens dead. */
  | 'expire'
  /** Only return the state. */
  | 'seen'
  /** Delay each response at random, so that responses come in any order. */
  | 'jitter'
  /** Send the 401s for requests to `/held/`, which are kept until now. */
  | 'answer'
  /** Keep the responses to refreshes from now on. */
  | 'hold'
  /** Send the kept responses to refreshes, and keep no further ones. */
  | 'release';

/** The state that the server returns after each command. */
export interface State {
  readonly port: number;
  readonly tokens: Tokens;
  readonly seen: Seen;
  /** The number of refreshes whose response is kept. */
  readonly held: number;
}
