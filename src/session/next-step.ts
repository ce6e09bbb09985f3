import type { SessionStatus } from './session-state.ts';

/**
 * What a request does next.
 * - `go`: it is sent with the current token, or without one if nobody is signed in.
 * - `go-and-refresh`: it is sent, and starts a refresh without waiting for it.
 * - `wait`: it waits for the store to be read, or for the refresh in flight.
 * - `refresh`: it starts a refresh and waits for it.
 * - `fail`: it fails, because the owner has changed, the session is disposed of, or the last refresh has just failed.
 * - `final`: the 401 is its outcome.
 */
export type NextStep = 'go' | 'go-and-refresh' | 'wait' | 'refresh' | 'fail' | 'final';

/** The state of the access token by the clock. `due`: near its expiry, so the next request refreshes it. `dead`: past its expiry. */
export type TokenFreshness = 'fresh' | 'due' | 'dead';

/**
 * How the last refresh ended: `succeeded` if it gave the current tokens, `failed` if it was to replace them. It becomes `none` after
 * `minRefreshIntervalMs`, or after the server's `Retry-After` if that is longer; it stays `failed` after a definitive refusal.
 */
export type RecentRefresh = 'none' | 'succeeded' | 'failed';

/** What has happened to a request so far. */
export interface RequestHistory {
  /** Whether the response to the request's last send was a 401 that names no other problem than the token. */
  readonly isUnauthorized: boolean;
  /** Whether the owner of the session has changed since the request was made. */
  readonly hasOtherOwner: boolean;
  /** How often the request has been sent. */
  readonly sends: number;
  /** Whether the app's `refresh` was called while the request waited after a 401. Its next 401 is then its outcome. */
  readonly causedRefresh: boolean;
  /**
   * `older` if the session has got other tokens since the last send. Otherwise `current` if that send carried the token, and `nothing` if
   * there was none.
   */
  readonly carried: 'nothing' | 'current' | 'older';
}

/** The state of the session's tokens, as far as the next step depends on it. `canRefresh` is a method: it calls a callback of the app. */
export interface TokenSituation {
  readonly status: SessionStatus;
  readonly hasTokens: boolean;
  /** Whether nobody is signed in because a sign-in has ended: by a sign-out here or at another holder, or by a refused refresh. */
  readonly hasEnded: boolean;
  readonly freshness: TokenFreshness;
  /** Whether a server has responded with 401 to the current token. */
  readonly isRejected: boolean;
  readonly recentRefresh: RecentRefresh;
  canRefresh(): boolean;
}

/**
 * A request is sent at most three times: first; after a late 401 (one to a token that had been replaced meanwhile); and after the refresh
 * that it caused. A resend with a newer DPoP nonce does not count.
 */
export const MAX_SENDS = 3;

/** Decides what a request does next, before each of its sends and after a 401. */
export function nextStep(tokens: TokenSituation, request: RequestHistory): NextStep {
  return request.isUnauthorized ? stepAfterUnauthorized(tokens, request) : stepBeforeSend(tokens, request);
}

function stepBeforeSend(tokens: TokenSituation, { hasOtherOwner }: RequestHistory): NextStep {
  if (hasOtherOwner) return 'fail';
  const { status } = tokens;
  if (status === 'disposed') return 'fail';
  if (status === 'restoring' || status === 'unavailable') return 'wait';
  if (status === 'signed-out') return 'go';
  const { freshness } = tokens;
  if (status === 'refreshing') return !tokens.hasTokens || tokens.isRejected || freshness === 'dead' ? 'wait' : 'go';
  if (freshness === 'fresh' || !tokens.canRefresh()) return 'go';
  const { recentRefresh } = tokens;
  if (freshness === 'due') return recentRefresh === 'none' ? 'go-and-refresh' : 'go';
  if (recentRefresh === 'failed') return 'fail';
  // A token that is dead although it was refreshed within `minRefreshIntervalMs` is sent, and the server decides. To refresh it again
  // would loop.
  return recentRefresh === 'succeeded' ? 'go' : 'refresh';
}

function stepAfterUnauthorized(tokens: TokenSituation, request: RequestHistory): NextStep {
  if (request.hasOtherOwner) return request.carried === 'nothing' ? 'final' : 'fail';
  if (request.sends >= MAX_SENDS) return 'final';
  if (request.carried === 'older') return 'go';
  if (request.causedRefresh) return 'final';
  if (tokens.status === 'refreshing') return 'wait';
  // Only signIn() or a subscription to refresh$ starts a session again after a sign-out: a 401 must not sign the person in again by a
  // cookie that `refresh` sends.
  if (tokens.hasEnded) return 'final';
  const { recentRefresh } = tokens;
  if (recentRefresh === 'failed') return 'fail';
  // This token was rejected within `minRefreshIntervalMs` after the refresh that brought it. A new one would be rejected as well, so the
  // 401 is final, unless this token has expired by the clock.
  if (recentRefresh === 'succeeded' && tokens.freshness !== 'dead') return 'final';
  return tokens.canRefresh() ? 'refresh' : 'final';
}
