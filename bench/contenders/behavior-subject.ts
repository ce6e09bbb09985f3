import { BehaviorSubject, catchError, filter, from, switchMap, take, throwError, type Observable } from 'rxjs';
import type { Target } from '../contender.ts';

/** The recipe of countless articles, for any library of Observables: `isRefreshing`, a BehaviorSubject, `filter`, `take(1)`. */
export function behaviorSubjectRecipe(
  { tokens: given, refresh }: Pick<Target, 'tokens' | 'refresh'>,
  is401: (error: unknown) => boolean,
): <T>(send: (accessToken: string) => Observable<T>) => Observable<T> {
  let tokens = given;
  let isRefreshing = false;
  const token$ = new BehaviorSubject<string | null>(null);
  return (send) =>
    send(tokens.accessToken).pipe(
      catchError((error: unknown) => {
        if (!is401(error)) return throwError(() => error);
        if (isRefreshing) {
          return token$.pipe(
            filter((token) => token !== null),
            take(1),
            switchMap(send),
          );
        }
        isRefreshing = true;
        token$.next(null);
        return from(refresh(tokens.refreshToken)).pipe(
          switchMap((next) => {
            isRefreshing = false;
            tokens = next;
            token$.next(next.accessToken);
            return send(next.accessToken);
          }),
          catchError((failure: unknown) => {
            isRefreshing = false;
            return throwError(() => failure);
          }),
        );
      }),
    );
}
