import { asyncScheduler } from 'rxjs';
import { InvalidInputError } from './errors.ts';

/**
 * The tokens of one sign-in, as plain data. An app may keep more in it (a user id, scopes): its own type extends this one.
 *
 * @see RFC 6749 section 5.1
 */
export interface TokenSet {
  /** Sent with each request that the session authorizes. Never empty. */
  readonly accessToken: string;
  /** Absent in a cookie session, where script never sees it. An answer without one leaves the old one in force. */
  readonly refreshToken?: string | undefined;
  /**
   * When the access token dies: epoch milliseconds, by this machine's clock. Absent: unknown, and only a 401 tells.
   *
   * @example
   * ```ts
   * // `expires_in` is optional: without it the expiry stays unknown.
   * expiresAt: data.expires_in ? Date.now() + data.expires_in * 1000 : undefined
   * ```
   */
  readonly expiresAt?: number | undefined;
  /** Whose tokens they are. The session adds it to what it gives a store, and takes it from what the store gives back. */
  readonly owner?: string | undefined;
}

/** A token set from outside, if it is one, and what is wrong with it. */
export interface CheckedTokens<T extends TokenSet> {
  readonly tokens: T | null;
  /** Quotes no value; empty if nothing is wrong. With tokens: what they are used without. */
  readonly fault: string;
}

/**
 * Checks a value that should be a token set. An `expiresAt` that is no use loses no tokens: they count, and their expiry is
 * unknown. A refresh token that is `null` or empty counts as absent.
 */
export function checkTokens<T extends TokenSet>(value: unknown): CheckedTokens<T> {
  try {
    if (typeof value !== 'object' || value === null) return { tokens: null, fault: `${kindOf(value)} is no token set` };
    // An inherited accessToken would be lost in the first copy.
    if (!Object.hasOwn(value, 'accessToken'))
      return {
        tokens: null,
        fault: `it has no accessToken of its own, but ${Object.keys(value).join(', ') || 'nothing'}`,
      };
    const { accessToken, refreshToken, expiresAt } = value as Partial<Record<keyof TokenSet, unknown>>;
    if (typeof accessToken !== 'string' || accessToken === '')
      return { tokens: null, fault: `accessToken is ${kindOf(accessToken)}` };
    if (refreshToken != null && typeof refreshToken !== 'string')
      return { tokens: null, fault: `refreshToken is ${kindOf(refreshToken)}` };
    const fault = faultOfExpiry(expiresAt);
    const lacksRefreshToken = refreshToken === null || refreshToken === '';
    const lacksExpiry = fault !== '' || expiresAt === null;
    if (!lacksRefreshToken && !lacksExpiry) return { tokens: value as T, fault };
    const tokens: Partial<TokenSet> = { ...value };
    if (lacksRefreshToken) delete (tokens as { refreshToken?: string }).refreshToken;
    if (lacksExpiry) delete (tokens as { expiresAt?: number }).expiresAt;
    return { tokens: tokens as T, fault };
  } catch {
    return { tokens: null, fault: 'it throws when it is read' };
  }
}

/** @throws InvalidInputError for what is no token set, or one whose `expiresAt` is no use */
export function requireTokens<T extends TokenSet>(call: string, value: T): T {
  const { tokens, fault } = checkTokens<T>(value);
  if (tokens && !fault) return tokens;
  throw new InvalidInputError(
    `${call} takes { accessToken, refreshToken?, expiresAt?: epoch ms }, mapped from the answer of your API; given: ${fault}.`,
  );
}

function faultOfExpiry(expiresAt: unknown): string {
  if (expiresAt == null) return '';
  if (typeof expiresAt !== 'number' || !Number.isFinite(expiresAt)) return `expiresAt is ${kindOf(expiresAt)}`;
  const now = asyncScheduler.now();
  // A time of this century in seconds is a thousandth of the same in milliseconds.
  return expiresAt > now / 10_000 && expiresAt < now / 100 ? 'expiresAt looks like seconds' : '';
}

/** What kind of value this is, without quoting it. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value)) return String(value);
  if (value === '') return 'an empty string';
  if (Array.isArray(value)) return 'an array';
  if (value === Infinity || value === -Infinity) return 'infinite';
  return /^[aeiou]/.test(typeof value) ? `an ${typeof value}` : `a ${typeof value}`;
}

/** RFC 6749 section 6: an answer without a new refresh token leaves the old one in force. */
export function withRefreshTokenOf<T extends TokenSet>(next: T, previous: T | null): T {
  return next.refreshToken === undefined && previous?.refreshToken !== undefined
    ? { ...next, refreshToken: previous.refreshToken }
    : next;
}

/** Whether two token sets are the same in a store, which keeps them as text. */
export function isSameTokens(one: TokenSet, other: TokenSet | null): boolean {
  return one.accessToken === other?.accessToken && JSON.stringify(one) === JSON.stringify(other);
}
