import type { RefreshFailureReason } from './errors.ts';
import type { SignOutReason } from './events.ts';
import { UNNAMED_OWNER } from './owner.ts';
import { checkTokens } from './token-set.ts';

/** What a shared store keeps in its cell: plain JSON, replaced as a whole. */
export interface StoredSession {
  readonly schema: 1;
  /** Grows with every write, also over sign-outs; never comes back. */
  readonly version: number;
  /** The sign-in that the tokens belong to: random, no secret. `null`: nobody is signed in. */
  readonly owner: string | null;
  /** Grows by one with every new token set of an owner. */
  readonly generation: number;
  /** The token set as JSON, sealed if the store has a codec. `null` exactly if nobody is signed in. */
  readonly tokens: string | null;
  /** Why nobody is signed in. */
  readonly reason?: SignOutReason;
  /** These tokens came from a refresh, and not from a sign-in or an update. */
  readonly refreshed?: true;
  /** How the last refresh failed; `retryAfterMs` is how long the server asked to be left alone, 0 if it did not say. */
  readonly failed?: { readonly reason: RefreshFailureReason; readonly retryAfterMs: number };
  /** The holder that refreshes, and how long the record must stand still before others may take over. */
  readonly lease?: { readonly by: string; readonly forMs: number };
  /** The holder and the write that made this record: tells a holder whether a swap that threw has taken effect. */
  readonly by: string;
}

/** Something is wrong with a record or its tokens. The message names what it is and quotes no value. */
export class StoredSessionError extends Error {
  override readonly name = 'StoredSessionError';
  /** The version by which a sign-in may replace the record; `undefined` if it must not be touched. */
  readonly version: number | undefined;

  constructor(message: string, version?: number) {
    super(message);
    this.version = version;
  }
}

/** A `Record`, so that a reason that is added to the type cannot be forgotten here. */
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
 * Checks what a cell gave. A bare token set is a record of schema 0, from before there were owners, and gets version 0; its tokens are
 * not sealed.
 *
 * @throws StoredSessionError for anything else that is neither a record nor absent
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
  if (wrong) throw new StoredSessionError(`${wrong[0]}: not as expected`, isCount(version) ? version : 0);
  return value as StoredSession;
}
