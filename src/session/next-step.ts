import type { SessionStatus } from './session-state.ts';

/**
 * What a request may do now.
 * - `go`: be sent with the current token
 * - `go-and-refresh`: be sent, and start a refresh that nobody waits for
 * - `wait`: wait for the store to be read, or for the refresh that runs
 * - `refresh`: start a refresh and wait for it
 * - `fail`: fail, because its owner has left, the session is disposed of, or the last refresh has just failed
 * - `final`: take the 401 as its outcome
 */
export type NextStep = 'go' | 'go-and-refresh' | 'wait' | 'refresh' | 'fail' | 'final';

/** `due`: to be refreshed ahead of its expiry. `dead`: past its expiry by the clock. */
export type TokenFreshness = 'fresh' | 'due' | 'dead';

/**
 * How the last refresh of the current tokens ended, if it still counts: for `minRefreshIntervalMs`, until the server's `Retry-After`
 * if that is longer, and for good after a definitive refusal.
 */
export type RecentRefresh = 'none' | 'succeeded' | 'failed';

/** What a request has been through. */
export interface RequestHistory {
  /** Its last send was answered 401, and the answer names no other cause than the token. */
  readonly isUnauthorized: boolean;
  /** The session belongs to another owner than when the request was made. */
  readonly hasOtherOwner: boolean;
  readonly sends: number;
  /** The app's `refresh` has been called for it. */
  readonly causedRefresh: boolean;
  /** What its last send carried: no token, the current one, or one that has been replaced since. */
  readonly carried: 'nothing' | 'current' | 'older';
}

/** What is known of the session's tokens. A method where the answer calls code of the app. */
export interface TokenSituation {
  readonly status: SessionStatus;
  readonly hasTokens: boolean;
  /** Somebody was signed in, and it has ended: by a sign-out, here or elsewhere, or by a refusal. */
  readonly hasEnded: boolean;
  readonly freshness: TokenFreshness;
  /** A server has answered 401 to the current token. */
  readonly isRejected: boolean;
  readonly recentRefresh: RecentRefresh;
  canRefresh(): boolean;
}

/** A request is sent at most three times: at once, after a late 401, and after the refresh that it caused. */
export const MAX_SENDS = 3;

/** Decides what a request may do: before each of its sends, and after a 401. */
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
  // The token is dead although it was issued a moment ago. The server decides: to refresh again would loop.
  return recentRefresh === 'succeeded' ? 'go' : 'refresh';
}

function stepAfterUnauthorized(tokens: TokenSituation, request: RequestHistory): NextStep {
  if (request.hasOtherOwner) return request.carried === 'nothing' ? 'final' : 'fail';
  if (request.sends >= MAX_SENDS) return 'final';
  if (request.carried === 'older') return 'go';
  if (request.causedRefresh) return 'final';
  if (tokens.status === 'refreshing') return 'wait';
  // After a sign-out only signIn() or an explicit refresh$ starts a session again.
  if (tokens.hasEnded) return 'final';
  const { recentRefresh } = tokens;
  if (recentRefresh === 'failed') return 'fail';
  // A token that is rejected as soon as it was issued: another one would be, too, unless this one has expired by the clock.
  if (recentRefresh === 'succeeded' && tokens.freshness !== 'dead') return 'final';
  return tokens.canRefresh() ? 'refresh' : 'final';
}
