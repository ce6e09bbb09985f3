import { catchError, defer, map, type Observable, of, throwError } from 'rxjs';
import { InvalidInputError, isSluiceError, RefreshFailedError } from './errors.ts';
import type { Freshness } from './freshness.ts';
import type { Refresher } from './refresher.ts';
import type { SessionRecord } from './session-record.ts';
import type { TokenSet } from './token-set.ts';

/** Why there is no refresh although one is wanted. */
export function nothingToRefreshWith(): RefreshFailedError {
  const cause = new InvalidInputError('Nothing to refresh with: sign in first, or see `canRefresh`.');
  return new RefreshFailedError('misconfigured', cause);
}

/** Tokens that are good for so long, after at most one refresh; `null` if nobody is signed in. The store has been read. */
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
      // The cookie of a session was refused: nobody is signed in.
      catchError((error: unknown) =>
        isSluiceError(error) && error.code === 'session-expired' ? of(null) : throwError(() => error),
      ),
    );
  }
  if (freshness.worksFor(forMs)) return of(tokens);
  /** The old tokens, if they still work. */
  const fallBack = (error: unknown): Observable<T> => {
    const isForNow = isSluiceError(error) && error.code === 'refresh-failed';
    return isForNow && record.state.tokens && freshness.worksFor(0) ? of(record.state.tokens) : throwError(() => error);
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
