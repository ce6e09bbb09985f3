import type { createSession, retryOnUnauthorized, sharedStore } from 'sluice/session';

/** What is explored: Sluice, or a mutant of it. */
export interface Sluice {
  readonly createSession: typeof createSession;
  readonly retryOnUnauthorized: typeof retryOnUnauthorized;
  readonly sharedStore: typeof sharedStore;
}
