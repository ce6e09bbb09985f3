import type { SharedStore, TokenSet, TokenStore } from 'sluice/session';

/** The store of a world. It fails, and others write into it, as the schedule says. */
export interface RaceStore {
  /** A holder's way to the store, by the holder's index. */
  of(holder: number): TokenStore | SharedStore;
  /** What the store holds. */
  readonly tokens: TokenSet | null;
  /** Whether somebody else may have put there what it holds. */
  isForeign(holder: number): boolean;
  isDown(holder: number): boolean;
  /** The store fails, for one holder. */
  fail(holder: number): void;
  recover(holder: number): void;
  /** The next write of a holder lands, and is reported as failed. */
  lie(holder: number): void;
  /** Whether a holder may refresh: no other one does. */
  hasLease(holder: number): boolean;
}
