import { jwtDecode } from 'jwt-decode';

/**
 * Reads when a JWT access token expires, for the `expiresAt` of a token set. Call it when the token has just been received: the token's
 * lifetime (`exp - iat`) is counted from now, so that a wrong clock of this machine or of the server does no harm. The signature is not
 * verified. Sluice never calls it by itself, because a client should not look into an access token (RFC 9068 section 6).
 *
 * @param token - the access token
 * @param now - when the token was received, in epoch milliseconds. Defaults to the current time
 * @returns epoch milliseconds by this machine's clock; `undefined` if the token is no JWT, or does not have `exp` and `iat` as numbers
 * @see RFC 7519 sections 4.1.4 and 4.1.6
 * @example
 * ```ts
 * const tokens = { accessToken, refreshToken, expiresAt: jwtExpiry(accessToken) };
 * ```
 */
export function jwtExpiry(token: string, now: number = Date.now()): number | undefined {
  try {
    const { exp, iat } = jwtDecode(token);
    const expiresAt = typeof exp === 'number' && typeof iat === 'number' ? now + (exp - iat) * 1000 : NaN;
    return Number.isFinite(expiresAt) ? expiresAt : undefined;
  } catch {
    return undefined;
  }
}
