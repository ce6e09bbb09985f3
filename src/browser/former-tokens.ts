import type { StoredSession, TokenSet } from '../session/index.ts';
import { checkTokens } from '../session/internal.ts';

/** Reads and removes the tokens that an earlier version of the app has stored elsewhere. Both functions are synchronous. */
export interface FormerTokens<T extends TokenSet = TokenSet> {
  /** Returns the token set; `null` if there is none. If it throws or returns anything else, that counts as none. */
  get(): T | null;
  /** Removes the tokens. Called when a record that a session has written replaces them. */
  remove(): void;
}

/**
 * A record in IndexedDB. `taken` has the marks of all former tokens that were copied into this record or into one that it has replaced: by
 * them a page knows that an entry which it still sees has been copied already.
 */
export type WebRecord = StoredSession & { readonly taken?: readonly number[] };

/** The former tokens that were found in one read. */
export interface FormerEntry {
  /** A hash of the token set. A record keeps it in place of the tokens, to recognise an entry that has been copied into it already. */
  readonly mark: number;
  readonly owner: string;
  /** The token set as JSON, without its owner. */
  readonly text: string;
}

/**
 * The `by` of a record that no session has written: a copy of the tokens that an earlier version of the app has stored, or the sign-out
 * after their removal.
 */
const COPIED = 'former';

/**
 * How many marks a record keeps. `localStorage` is not coherent between processes, so another page may see an entry for a moment after it
 * was removed. Without the mark of that entry in the record, that page would copy the entry again and present its spent refresh token.
 */
const REMEMBERED = 9;

/** Whether a record is a copy of former tokens, which must stay as long as it does: if they are missing, that counts as a sign-out. */
export const isCopy = (record: WebRecord | undefined): boolean => record?.by === COPIED && record.owner !== null;

/** Returns functions that read and remove an entry of `localStorage` that is a token set as JSON. */
export function formerEntryOf(key: string): FormerTokens {
  return {
    get: () => JSON.parse(localStorage.getItem(key) ?? 'null') as TokenSet | null,
    remove: () => localStorage.removeItem(key),
  };
}

/** Reads the former tokens. Returns `null` if there are none, or if reading them fails. */
export function findEntry(former: FormerTokens): FormerEntry | null {
  try {
    const { tokens } = checkTokens<TokenSet>(former.get());
    if (!tokens) return null;
    const mark = markOf(JSON.stringify(tokens));
    const { owner, ...rest }: { readonly owner?: unknown } = tokens;
    // Without an owner of Sluice's own kind, each token set counts as that of another owner, because it may be another person's.
    const name = typeof owner === 'string' && owner !== '' ? owner : `${COPIED}.${String(mark)}`;
    return { mark, owner: name, text: JSON.stringify(rest) };
  } catch {
    return null;
  }
}

/**
 * Returns the record that must replace `now` because of the former tokens (`entry`); `undefined` if `now` stays. An entry that no record
 * has taken over was written later than the record: by a page that still runs the earlier version of the app, or after a rollback to it.
 *
 * @param sealed - the tokens of the entry as the record will contain them, sealed by the codec if there is one
 * @param isGone - whether a missing entry may have been removed. If the record is a copy of the entry, that was a sign-out
 */
export function followerOf(
  now: WebRecord | undefined,
  entry: FormerEntry | null,
  sealed: string,
  isGone: boolean,
): WebRecord | undefined {
  const schema: number | undefined = now?.schema;
  // Do not replace a record that a newer version of Sluice has written.
  if (schema !== undefined && schema !== 1) return undefined;
  const next = {
    schema: 1,
    version: Math.max(now?.version ?? 0, Date.now()) + 1,
    generation: (now?.generation ?? 0) + 1,
    by: COPIED,
  } as const;
  const taken = now?.taken ?? [];
  if (entry && !taken.includes(entry.mark))
    return { ...next, owner: entry.owner, tokens: sealed, taken: [...taken, entry.mark].slice(-REMEMBERED) };
  if (!entry && isGone && isCopy(now)) return { ...next, owner: null, tokens: null, reason: 'sign-out', taken };
  return undefined;
}

function markOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}
