import { jwtDecode } from 'jwt-decode';

/**
 * Reads when a JWT access token expires, for a token set's `expiresAt`: epoch milliseconds by this machine's clock, or
 * `undefined` if the token does not tell. Call it when the token has just been received: its lifetime (`exp - iat`) is counted
 * from now, so that a wrong clock on either side does not matter.
 *
 * Opt-in, since a client is not to look into an access token (RFC 9068 section 6). Nothing is verified.
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
