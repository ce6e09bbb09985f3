import type { StoredSession, TokenSet } from '../session/index.ts';
import { checkTokens } from '../session/internal.ts';

/** Where the tokens are that an earlier version of an app has left. Both functions are synchronous. */
export interface FormerTokens<T extends TokenSet = TokenSet> {
  /** The token set, `null` if there is none. Anything else, and an exception, counts as none. */
  get(): T | null;
  /** Called once a record has taken their place. */
  remove(): void;
}

/** A record in IndexedDB, with the marks of the former tokens that it or a record before it has taken over. */
export type WebRecord = StoredSession & { readonly taken?: readonly number[] };

/** Former tokens as they are found. */
export interface FormerEntry {
  /** Tells this token set from others. */
  readonly mark: number;
  readonly owner: string;
  /** The token set as JSON, without its owner. */
  readonly text: string;
}

/** Tells a record that was only copied from a record that a session has written. */
const COPIED = 'former';

/** Marks that a record remembers: an entry that was removed may be seen a little longer, because `localStorage` is not coherent. */
const REMEMBERED = 9;

/** An entry of `localStorage` that is the JSON of a token set. */
export function formerEntryOf(key: string): FormerTokens {
  return {
    get: () => JSON.parse(localStorage.getItem(key) ?? 'null') as TokenSet | null,
    remove: () => localStorage.removeItem(key),
  };
}

export function findEntry(former: FormerTokens): FormerEntry | null {
  try {
    const { tokens } = checkTokens<TokenSet>(former.get());
    if (!tokens) return null;
    const mark = markOf(JSON.stringify(tokens));
    // Another token set may be another person's. Where nothing tells, it counts as that.
    const { owner = `${COPIED}.${String(mark)}`, ...rest } = tokens;
    return { mark, owner, text: JSON.stringify(rest) };
  } catch {
    return null;
  }
}

/**
 * The record that is to follow `now` because of what there is of former tokens; `undefined` if `now` stays. An entry that no record has
 * taken over was written later than the record: by a page of the earlier version, after it was opened or after a rollback.
 *
 * @param sealed - the tokens of the entry, as the record is to hold them
 * @param isGone - an entry that is missing has been removed: by a sign-out, as long as the record is a copy of it
 */
export function followerOf(
  now: WebRecord | undefined,
  entry: FormerEntry | null,
  sealed: string,
  isGone: boolean,
): WebRecord | undefined {
  const schema: number | undefined = now?.schema;
  // A record of a newer version of Sluice is not touched.
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
  if (!entry && isGone && now?.by === COPIED && now.owner !== null)
    return { ...next, owner: null, tokens: null, reason: 'sign-out', taken };
  return undefined;
}

function markOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}
