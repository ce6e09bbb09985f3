import { SessionExpiredError } from './errors.ts';
import { bodyOf, headerOf, statusOf } from './http-outcome.ts';

/** `rejected` ends the session; the others keep it. */
export type RefreshErrorKind = 'rejected' | 'unavailable' | 'misconfigured';

/** Codes that say the client is set up wrong: RFC 6749 section 5.2, RFC 8707, RFC 9449. */
const misconfiguration =
  /^(invalid_(request|client|scope|target|dpop_proof)|unauthorized_client|unsupported_grant_type|use_dpop_nonce)$/;

/**
 * Tells what a failed refresh means for the session. Only a definitive refusal ends it: `invalid_grant`; or 400, 401, 403
 * without an OAuth error code. A `refresh` that throws `SessionExpiredError` refuses in its own words.
 *
 * HTML in place of a 400 or 403 is a middlebox speaking (a captive portal, a firewall), not the token endpoint.
 */
export function classifyRefreshError(error: unknown): RefreshErrorKind {
  if (error instanceof SessionExpiredError) return 'rejected';
  const status = statusOf(error) ?? 0;
  const body = bodyOf(error);
  // An OAuth client's own error carries the code itself.
  const code = ((body ?? error) as { error?: unknown } | null)?.error ?? body;
  if (code === 'invalid_grant') return 'rejected';
  if (status < 400 || status === 408 || status === 429 || status >= 500 || code === 'temporarily_unavailable')
    return 'unavailable';
  if (typeof code === 'string' && misconfiguration.test(code)) return 'misconfigured';
  if (status === 401) return 'rejected';
  if (status !== 400 && status !== 403) return 'misconfigured';
  return headerOf(error, 'content-type')?.includes('html') ? 'unavailable' : 'rejected';
}
