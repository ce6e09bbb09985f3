import type { SharedStore, TokenSet, TokenStore } from 'sluice/session';

/** The store of a world. It fails, and others write to it, as the schedule says. */
export interface RaceStore {
  /** A holder's access to the store, by the holder's index. */
  of(holder: number): TokenStore | SharedStore;
  /** The content of the store. */
  readonly tokens: TokenSet | null;
  /** Whether another tab may have written the content. */
  isForeign(holder: number): boolean;
  isDown(holder: number): boolean;
  /** The store fails for one holder. */
  fail(holder: number): void;
  recover(holder: number): void;
  /** The next write of a holder takes effect, and is reported as failed. */
  lie(holder: number): void;
  /** Whether a holder may refresh, because no other one does. */
  hasLease(holder: number): boolean;
}
