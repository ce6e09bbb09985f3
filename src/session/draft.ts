import type { StoredSession } from './stored-session.ts';

/** The part of a record that a write decides; `SharedRecord.write` adds the rest. */
export type Draft = Omit<StoredSession, 'schema' | 'version' | 'by'>;

/** The same tokens, without what belongs to one refresh. */
export function withoutLease(record: StoredSession | null): Draft {
  const { lease, failed, ...rest } = record ?? { owner: null, generation: 0, tokens: null };
  return rest;
}

/**
 * Nobody, after this record; a sign-in, an update or a refresh adds an owner. The generation goes on over sign-outs, so that a holder can
 * tell a record that only moved from one where somebody signed in and out.
 */
export function nextGeneration(record: StoredSession | null): Draft {
  return { owner: null, tokens: null, generation: (record?.generation ?? 0) + 1 };
}
