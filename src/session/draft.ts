import type { StoredSession } from './stored-session.ts';

/** The part of a new record that the caller of `SharedRecord.write` decides; `write` adds the rest. */
export type Draft = Omit<StoredSession, 'schema' | 'version' | 'by'>;

/** Copies the record without the lease and the failure of a refresh. */
export function withoutLease(record: StoredSession | null): Draft {
  const { lease, failed, ...rest } = record ?? { owner: null, generation: 0, tokens: null };
  return rest;
}

/**
 * Returns the draft of the next generation, in which nobody is signed in; a sign-in or a refresh adds the owner. The generation keeps
 * growing over sign-outs, so that a holder can distinguish a record that was only rewritten from one where somebody signed in and out.
 */
export function nextGeneration(record: StoredSession | null): Draft {
  return { owner: null, tokens: null, generation: (record?.generation ?? 0) + 1 };
}
