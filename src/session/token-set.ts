import { asyncScheduler } from 'rxjs';
import { InvalidInputError } from './invalid-input-error.ts';

/**
 * The tokens of one sign-in, as plain data that can be stored as JSON. An app may keep more in it, such as a user id or scopes: its own
 * type then extends this one.
 *
 * @see RFC 6749 section 5.1
 */
export interface TokenSet {
  /** The token that authorizes requests. Not empty, and a property of the object itself: a getter of a class would be lost in a copy. */
  readonly accessToken: string;
  /**
   * The token that `refresh` presents to get new ones. Absent if it is in a cookie that script cannot read. If a new token set of
   * the same owner has none, the current one is kept.
   */
  readonly refreshToken?: string | undefined;
  /**
   * When the access token expires, in epoch milliseconds by this machine's clock. If absent, only a 401 shows that the token is dead. A
   * value that looks like seconds is refused by `signIn()`, `update()` and `memoryStore()`, and ignored elsewhere.
   *
   * @example
   * ```ts
   * // `expires_in` is optional: without it the expiry stays unknown.
   * expiresAt: data.expires_in ? Date.now() + data.expires_in * 1000 : undefined
   * ```
   */
  readonly expiresAt?: number | undefined;
  /**
   * The sign-in that the tokens belong to; only the token sets in a store have it. The session adds it to what it writes to the
   * store, and removes it from what it reads there.
   */
  readonly owner?: string | undefined;
}

/** The result of `checkTokens`. */
export interface CheckedTokens<T extends TokenSet> {
  /** The token set without its unusable parts; `null` if the value is no token set. */
  readonly tokens: T | null;
  /** What is wrong with the value, without quoting it; empty if nothing is. If there are tokens, only their `expiresAt` is wrong. */
  readonly fault: string;
}

/**
 * Checks a value that should be a token set. An unusable `expiresAt` is removed, because tokens whose expiry is unknown are better than
 * none. A refresh token that is `null` or empty is removed as well. Never throws.
 */
export function checkTokens<T extends TokenSet>(value: unknown): CheckedTokens<T> {
  try {
    if (typeof value !== 'object' || value === null) return { tokens: null, fault: `${kindOf(value)} is no token set` };
    // Refuse an inherited accessToken, because it would be lost in the first copy.
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

/**
 * Returns the token set that a caller passed.
 *
 * @param call - the call that took it, such as `signIn()`
 * @throws InvalidInputError if it is no token set, or its `expiresAt` is unusable
 */
export function requireTokens<T extends TokenSet>(call: string, value: T): T {
  const { tokens, fault } = checkTokens<T>(value);
  if (tokens && !fault) return tokens;
  throw new InvalidInputError(
    `${call} takes { accessToken, refreshToken?, expiresAt?: epoch ms }, mapped from the response of your API; given: ${fault}.`,
  );
}

function faultOfExpiry(expiresAt: unknown): string {
  if (expiresAt == null) return '';
  if (typeof expiresAt !== 'number' || !Number.isFinite(expiresAt)) return `expiresAt is ${kindOf(expiresAt)}`;
  const now = asyncScheduler.now();
  // Seconds since 1970 are a thousandth of the milliseconds. Such a value would make each token look dead on arrival.
  return expiresAt > now / 10_000 && expiresAt < now / 100 ? 'expiresAt looks like seconds' : '';
}

/** Describes the kind of a value for a message, without quoting the value, which may be a token. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value)) return String(value);
  if (value === '') return 'an empty string';
  if (Array.isArray(value)) return 'an array';
  if (value === Infinity || value === -Infinity) return 'infinite';
  return /^[aeiou]/.test(typeof value) ? `an ${typeof value}` : `a ${typeof value}`;
}

/**
 * Adds the refresh token of the previous token set if the next one has none: a server that does not rotate it sends none.
 *
 * @see RFC 6749 section 6
 */
export function withRefreshTokenOf<T extends TokenSet>(next: T, previous: T | null): T {
  return next.refreshToken === undefined && previous?.refreshToken !== undefined
    ? { ...next, refreshToken: previous.refreshToken }
    : next;
}

/** Whether two token sets are equal as JSON. They cannot be compared by identity, because a store parses its JSON anew at each read. */
export function isSameTokens(one: TokenSet, other: TokenSet | null): boolean {
  return one.accessToken === other?.accessToken && JSON.stringify(one) === JSON.stringify(other);
}
