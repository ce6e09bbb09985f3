import { catchError, defer, map, type Observable, of, throwError } from 'rxjs';
import { isSluiceError } from './errors.ts';
import type { Freshness } from './freshness.ts';
import { InvalidInputError } from './invalid-input-error.ts';
import type { Refresher } from './refresher.ts';
import { RefreshFailedError } from './session-errors.ts';
import type { SessionRecord } from './session-record.ts';
import type { TokenSet } from './token-set.ts';

/** Returns the error of `refresh$` and `validTokens()` if a refresh is needed and `canRefresh` returns false. */
export function nothingToRefreshWith(): RefreshFailedError {
  const cause = new InvalidInputError('Nothing to refresh with: sign in first.');
  return new RefreshFailedError('misconfigured', cause);
}

/**
 * Emits tokens that live for `forMs`, after at most one refresh, or `null` if nobody is signed in: the work of `Session.validTokens`. Must
 * not be called before the store has been read, because the session would then count as signed out.
 *
 * @param forMs - how long the tokens must live, in milliseconds
 */
export function validTokens<T extends TokenSet>(
  record: SessionRecord<T>,
  freshness: Freshness,
  refresher: Refresher<T>,
  forMs: number,
): Observable<T | null> {
  const { tokens, status } = record.state;
  if (tokens ? freshness.worksFor(forMs) : freshness.hasEnded || !freshness.canRefresh()) return of(tokens);
  /** Emits the old tokens if they still work and the refresh was not refused for good, `null` if there were none, otherwise fails. */
  const fallBack = (error: unknown): Observable<T | null> => {
    const code = isSluiceError(error) && error.code;
    if (code === 'refresh-failed' && record.state.tokens && freshness.worksFor(0)) return of(record.state.tokens);
    // If there were no tokens, the server refused the cookie of a session, so nobody is signed in.
    return code === 'session-expired' && !tokens ? of(null) : throwError(() => error);
  };
  // A refresh in flight counts more than the outcome of the last one.
  if (freshness.recentRefresh !== 'none' && status !== 'refreshing') {
    const { recentError } = freshness;
    return recentError ? fallBack(recentError) : of(tokens);
  }
  if (tokens && !freshness.canRefresh()) return fallBack(nothingToRefreshWith());
  return defer(() => refresher.start(tokens ? 'expiring' : 'requested')).pipe(
    map((refreshed) => refreshed.tokens),
    catchError(fallBack),
  );
}
