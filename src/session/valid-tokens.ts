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
  const { tokens } = record.state;
  if (!tokens) {
    if (freshness.hasEnded || !freshness.canRefresh()) return of(null);
    return refresher.start('requested').pipe(
      map((refreshed) => refreshed.tokens),
      // The server refused the cookie of a session, so nobody is signed in.
      catchError((error: unknown) =>
        isSluiceError(error) && error.code === 'session-expired' ? of(null) : throwError(() => error),
      ),
    );
  }
  if (freshness.worksFor(forMs)) return of(tokens);
  /** Emits the old tokens if they still work and the refresh was not refused for good, otherwise fails. */
  const fallBack = (error: unknown): Observable<T> => {
    const keepsSession = isSluiceError(error) && error.code === 'refresh-failed';
    return keepsSession && record.state.tokens && freshness.worksFor(0)
      ? of(record.state.tokens)
      : throwError(() => error);
  };
  if (freshness.recentRefresh !== 'none') {
    const { recentError } = freshness;
    return recentError ? fallBack(recentError) : of(tokens);
  }
  if (!freshness.canRefresh()) return fallBack(nothingToRefreshWith());
  return defer(() => refresher.start('expiring')).pipe(
    map((refreshed) => refreshed.tokens),
    catchError(fallBack),
  );
}
