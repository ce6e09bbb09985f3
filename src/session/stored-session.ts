import type { SignOutReason } from './events.ts';
import { UNNAMED_OWNER } from './owner.ts';
import type { RefreshFailureReason } from './session-errors.ts';
import { checkTokens } from './token-set.ts';

/** The record that a shared store keeps in its cell: plain data that can be stored as JSON, and is replaced as a whole. */
export interface StoredSession {
  /** The version of this format. A record of a newer schema is never replaced, except by the version of Sluice that knows it. */
  readonly schema: 1;
  /** Identifies this state of the record. Grows with every write, also after a sign-out or a deletion, so no version occurs twice. */
  readonly version: number;
  /** The sign-in that the tokens belong to: a random identifier that is not secret. `null` if nobody is signed in. */
  readonly owner: string | null;
  /** Grows by one with every sign-in, sign-out, refresh and update. */
  readonly generation: number;
  /** The token set as JSON, sealed if the store has a codec. `null` if and only if nobody is signed in. */
  readonly tokens: string | null;
  /** Why nobody is signed in; absent if it is unknown. */
  readonly reason?: SignOutReason;
  /** Present if these tokens came from a refresh, rather than from a sign-in or an `update()`. */
  readonly refreshed?: true;
  /**
   * How the last refresh of these tokens failed, if it did. `retryAfterMs` is the server's `Retry-After` in milliseconds, counted
   * from the write of this record; 0 if the server sent none.
   */
  readonly failed?: { readonly reason: RefreshFailureReason; readonly retryAfterMs: number };
  /**
   * Present while a holder (a session that shares the store) refreshes: `by` identifies the holder, and `forMs` is how long the record
   * must stay unchanged, in milliseconds, until another holder may take over.
   */
  readonly lease?: { readonly by: string; readonly forMs: number };
  /**
   * Identifies the holder and the write that made this record. If a `swap` threw, the holder finds out by this field whether it took
   * effect.
   */
  readonly by: string;
}

/** A record or its tokens cannot be used. The message says why and quotes no value, because it is shown in `store-failed` events. */
export class StoredSessionError extends Error {
  override readonly name = 'StoredSessionError';
  /** The version that a sign-in passes to `swap` to replace the record; `undefined` if the record must not be replaced. */
  readonly version: number | undefined;

  constructor(message: string, version?: number) {
    super(message);
    this.version = version;
  }
}

/** Typed as `Record`, so that the compiler refuses these tables if a reason is added to the type and not here. */
const signOutReasons: Record<SignOutReason, true> = { 'sign-out': true, expired: true, elsewhere: true };
const failureReasons: Record<RefreshFailureReason, true> = {
  unavailable: true,
  timeout: true,
  misconfigured: true,
  'invalid-response': true,
  'same-token': true,
};

type Fields = Partial<Record<keyof StoredSession, unknown>>;

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isDuration = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isCount = (value: unknown): value is number => isDuration(value) && Number.isSafeInteger(Number(value) + 1);
const isKeyOf = (table: object, value: unknown): boolean => Object.keys(table).includes(String(value));

const checks: Record<Exclude<keyof StoredSession, 'schema'>, (value: unknown, fields: Fields) => boolean> = {
  version: (value) => isCount(value) && value > 0,
  owner: (value) => value === null || isText(value),
  generation: isCount,
  tokens: (value, { owner }) => (owner === null ? value === null : isText(value)),
  reason: (value) => value == null || isKeyOf(signOutReasons, value),
  refreshed: (value) => value == null || value === true,
  failed: (value) => {
    const { reason, retryAfterMs } = (value ?? { reason: 'timeout', retryAfterMs: 0 }) as Record<string, unknown>;
    return isKeyOf(failureReasons, reason) && isDuration(retryAfterMs);
  },
  lease: (value) => {
    const { by, forMs } = (value ?? { by: '-', forMs: 0 }) as Record<string, unknown>;
    return isText(by) && isDuration(forMs);
  },
  by: isText,
};

/**
 * Checks what a cell returned. A bare token set counts as a record of schema 0, from before there were records, and becomes a record of
 * version 0 whose tokens are not sealed.
 *
 * @returns the record, or `null` if there is none
 * @throws StoredSessionError for any other value
 */
export function parseStoredSession(value: unknown): StoredSession | null {
  if (value === null || value === undefined) return null;
  const fields = (typeof value === 'object' ? value : {}) as Fields;
  const { schema, version } = fields;
  if (typeof schema === 'number' && schema > 1)
    throw new StoredSessionError('schema: newer than this version of Sluice');
  if (schema === undefined && checkTokens(value).tokens) {
    const tokens = JSON.stringify(value);
    return { schema: 1, version: 0, owner: UNNAMED_OWNER, generation: 0, tokens, by: UNNAMED_OWNER };
  }
  const wrong =
    schema === 1
      ? Object.entries(checks).find(([name, check]) => !check(fields[name as keyof Fields], fields))
      : ['schema'];
  // Keep any number: cells compare numbers, and a sign-in must be able to replace what is no record.
  if (wrong) throw new StoredSessionError(`${wrong[0]}: not as expected`, typeof version === 'number' ? version : 0);
  return value as StoredSession;
}
