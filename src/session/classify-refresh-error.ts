import { isSessionExpired, isSluiceError } from './errors.ts';
import { bodyOf, causesOf, headerOf, statusOf, valuesOf } from './http-outcome.ts';
import { readProperty } from './read-property.ts';

/**
 * What a failed refresh means for the session.
 * - `rejected`: the refresh was refused for good. The session is signed out, and requests fail with `SessionExpiredError`.
 * - `unavailable`: the server cannot be reached or asks to try later. The session is kept, and requests fail with `RefreshFailedError`.
 * - `misconfigured`: the client or its configuration is at fault. The session is kept, and requests fail with `RefreshFailedError`.
 */
export type RefreshErrorKind = 'rejected' | 'unavailable' | 'misconfigured';

/**
 * Matches the OAuth error codes with which a server may respond to a refresh. Codes in the captured group ask the client to try later;
 * of the others, all but `invalid_grant` say that the client is configured wrongly. oauth4webapi puts
 * `OAUTH_WWW_AUTHENTICATE_CHALLENGE` in place of `invalid_client`, because it does not read the body if there is a
 * `WWW-Authenticate` header.
 *
 * @see RFC 6749 sections 4.1.2.1 and 5.2, RFC 8628, RFC 8707, RFC 9396, RFC 9449
 */
const oauthCode =
  /^(?:invalid_grant|(server_error|temporarily_unavailable|slow_down|authorization_pending)|invalid_(?:request|client|scope|target|dpop_proof|authorization_details)|unauthorized_client|unsupported_grant_type|use_dpop_nonce|OAUTH_WWW_AUTHENTICATE_CHALLENGE)$/;

/**
 * Decides what a failed refresh means for the session; the default of the option `classifyRefreshError`. Never throws.
 *
 * Decides by the first of these rules that applies:
 * - `SessionExpiredError`, thrown by `refresh` itself, and the OAuth error code `invalid_grant` with any status: `rejected`
 * - 408, 429, 5xx, and OAuth error codes that ask to try later, such as `temporarily_unavailable`: `unavailable`
 * - any other OAuth error code, such as `invalid_client`: `misconfigured`
 * - no response, a status below 400, or a 400 or 403 with an HTML body, which a captive portal or a firewall has sent: `unavailable`
 * - 400, 401 and 403: `rejected`; any other status, such as 404: `misconfigured`
 *
 * Reads the errors of axios, ajax, HttpClient, fetch and its wrappers, superagent, got, needle, and of OAuth libraries, also if they are
 * the `cause` of another error.
 *
 * @param error - what `refresh` threw, or failed with
 * @example A server that responds with 409 once the refresh token is revoked
 * ```ts
 * createSession({
 *   refresh,
 *   classifyRefreshError: (error) =>
 *     isAxiosError(error) && error.response?.status === 409 ? 'rejected' : classifyRefreshError(error),
 * });
 * ```
 * @see RFC 6749 section 5.2
 */
export function classifyRefreshError(error: unknown): RefreshErrorKind {
  const failure = causesOf(error).find(isSluiceError);
  if (isSessionExpired(failure)) return 'rejected';
  if (failure) return readProperty(failure, 'reason') === 'misconfigured' ? 'misconfigured' : 'unavailable';
  const status = statusOf(error) ?? 0;
  const code = oauthCodeOf(error);
  if (code?.[0] === 'invalid_grant') return 'rejected';
  if (status === 408 || status === 429 || status >= 500 || code?.[1]) return 'unavailable';
  if (code) return 'misconfigured';
  if (status < 400) return 'unavailable';
  if (status === 401) return 'rejected';
  if (status !== 400 && status !== 403) return 'misconfigured';
  return headerOf(error, 'content-type')?.includes('html') ? 'unavailable' : 'rejected';
}

/**
 * Returns the match of the first known OAuth code: first in the properties in which the errors of OAuth libraries have it, then in the body
 * (simple-oauth2 puts the body into `payload`).
 */
function oauthCodeOf(error: unknown): RegExpExecArray | null | undefined {
  const bodies = causesOf(error).map(bodyOf);
  return [
    ...valuesOf(error, ['error', 'code', 'oauth2Code', 'errorCode']),
    ...bodies.flatMap((body) => [
      body,
      readProperty(body, 'error'),
      readProperty(readProperty(body, 'payload'), 'error'),
    ]),
  ]
    .map((value) => (typeof value === 'string' ? oauthCode.exec(value) : null))
    .find((match) => match !== null);
}
