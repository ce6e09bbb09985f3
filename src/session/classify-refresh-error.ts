import { isSessionExpired, isSluiceError } from './errors.ts';
import { bodyOf, causesOf, headerOf, statusOf, valuesOf } from './http-outcome.ts';
import { readProperty } from './read-property.ts';

/** `rejected` ends the session; the others keep it. */
export type RefreshErrorKind = 'rejected' | 'unavailable' | 'misconfigured';

/**
 * The OAuth error codes that a refresh may be answered with; the first group asks to try later, all others but `invalid_grant` say
 * that the client is set up wrong. RFC 6749 sections 4.1.2.1 and 5.2, RFC 8628, RFC 8707, RFC 9396, RFC 9449. The last one stands
 * for `invalid_client` in oauth4webapi, which reads no body beside a `WWW-Authenticate` header.
 */
const oauthCode =
  /^(?:invalid_grant|(server_error|temporarily_unavailable|slow_down|authorization_pending)|invalid_(?:request|client|scope|target|dpop_proof|authorization_details)|unauthorized_client|unsupported_grant_type|use_dpop_nonce|OAUTH_WWW_AUTHENTICATE_CHALLENGE)$/;

/**
 * Tells what a failed refresh means for the session. Only a definitive refusal ends it: `invalid_grant`; or 400, 401, 403
 * without an OAuth error code. A `refresh` that throws `SessionExpiredError` refuses in its own words.
 *
 * Reads the errors of axios, ajax, HttpClient, fetch and its wrappers, superagent, got, needle, and of OAuth libraries; also where
 * another error wraps them as its `cause`. A code counts more than the status, unless the status says "try later" (408, 429, 5xx).
 *
 * HTML in place of a 400 or 403 is a middlebox speaking (a captive portal, a firewall), not the token endpoint.
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

/** The first known code: of what OAuth libraries put on their errors, then of the body, which simple-oauth2 calls `payload`. */
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
