import type { createSession, retryOnUnauthorized, sharedStore } from 'sluice/session';

/** The session that is explored: Sluice's, or a mutant's. */
export interface Sluice {
  readonly createSession: typeof createSession;
  readonly retryOnUnauthorized: typeof retryOnUnauthorized;
  readonly sharedStore: typeof sharedStore;
}
