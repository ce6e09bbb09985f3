import { InvalidInputError } from './errors.ts';

/**
 * The tokens of one sign-in. An app may keep more in it (a user id, scopes): its own type extends this one.
 *
 * @see RFC 6749 section 5.1
 */
export interface TokenSet {
  /** Sent with each request that the session authorizes. Never empty. */
  readonly accessToken: string;
  /** Absent in a cookie session, where script never sees it. */
  readonly refreshToken?: string | undefined;
  /**
   * When the access token dies: epoch milliseconds, by this machine's clock. Absent: unknown, and only a 401 tells.
   *
   * @example `expiresAt: Date.now() + data.expires_in * 1000`
   */
  readonly expiresAt?: number | undefined;
}

/** Whether a value from outside (a store, a refresh) can serve as a token set. */
export function isTokenSet(value: unknown): value is TokenSet {
  if (typeof value !== 'object' || value === null) return false;
  const { accessToken, expiresAt } = value as Partial<Record<keyof TokenSet, unknown>>;
  return (
    typeof accessToken === 'string' && accessToken !== '' && (expiresAt === undefined || Number.isFinite(expiresAt))
  );
}

export function requireTokenSet(value: unknown): void {
  if (!isTokenSet(value)) {
    throw new InvalidInputError(
      'signIn() takes { accessToken, refreshToken?, expiresAt?: epoch ms }: map the answer of your API to it.',
    );
  }
}

/** Whether two token sets, or their absence, are the same to a session. */
export function hasSameAccessToken(one: TokenSet | null, other: TokenSet | null): boolean {
  return one?.accessToken === other?.accessToken;
}

/** RFC 6749 section 6: an answer without a new refresh token leaves the old one in force. */
export function withRefreshTokenOf<T extends TokenSet>(next: T, previous: T | null): T {
  return next.refreshToken === undefined && previous?.refreshToken !== undefined
    ? { ...next, refreshToken: previous.refreshToken }
    : next;
}
