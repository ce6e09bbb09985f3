import type { Observable } from 'rxjs';
import type { StoredSession } from './stored-session.ts';
import type { TokenSet } from './token-set.ts';

/** The part of a new record that a write decides; `SharedRecord.write` adds the rest. */
export type Draft = Omit<StoredSession, 'schema' | 'version' | 'by'>;

/** A write of the record in a shared store's cell, as `SharedRecord.write` makes it. */
export interface Write<T extends TokenSet> {
  /**
   * Returns the draft of the new record, made from the current one (`now`), or `null` if the write has become pointless. If an earlier
   * attempt threw, `unsure` is the record that it tried to replace. That attempt may have taken effect all the same, and another holder may
   * have replaced its record since: if a sign-in was followed by a sign-out, `change` must return `null`, or the sign-in would come back.
   */
  change(now: StoredSession | null, unsure?: StoredSession | null): Draft | null;
  /** Called with the record before each `change`, to open the tokens in it for example. `change` is called after the Observable emits. */
  look?(now: StoredSession | null): Observable<unknown>;
  /** The tokens of the new record. If absent, those of the draft are written. */
  readonly tokens?: T;
  /** The record that the cell is assumed to hold, which saves a read before the first attempt. If absent, the cell is read. */
  readonly base?: StoredSession | null;
  /** Whether to try again after this number of failures. If absent, the write is repeated until it succeeds. */
  again?(failures: number): boolean;
  /**
   * Whether to replace a value in the cell that is not a valid record, such as broken JSON. Otherwise reading such a value counts as a
   * failed attempt.
   */
  readonly overwrites?: boolean;
}

/** The outcome of a write: the record that was written, or the current record because of which `change` returned `null`. */
export interface Written {
  readonly record: StoredSession | null;
  readonly isWritten: boolean;
}

/** Copies the record without its lease (a holder's right to refresh) and without the note that a refresh failed. */
export function withoutLease(record: StoredSession | null): Draft {
  const { lease, failed, ...rest } = record ?? { owner: null, generation: 0, tokens: null };
  return rest;
}

/**
 * Returns a draft whose `generation` is one higher and in which nobody is signed in; for a sign-in or a refresh the caller adds the owner.
 * The generation keeps growing over sign-outs: otherwise the record after a sign-in and a sign-out could look like the one before them.
 *
 * @param known - the generation of the tokens that are replaced, or `NaN`. It is above that of the record if the storage has lost a write: a
 * holder that has those tokens would otherwise take the new ones for the same
 */
export function nextGeneration(record: StoredSession | null, known = 0): Draft {
  return { owner: null, tokens: null, generation: Math.max(record?.generation ?? 0, known > 0 ? known : 0) + 1 };
}
