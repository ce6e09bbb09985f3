import { AsyncSubject, catchError, concatAll, concatMap, defer, map, of, Subject, tap, type Observable } from 'rxjs';
import { withTimeout } from './with-timeout.ts';
import type { SessionEvent } from './events.ts';
import { isTokenSet, type TokenSet } from './token-set.ts';
import { answer, type TokenStore } from './token-store.ts';

/** A session's way to its store: reads are checked, writes go in order, no failure escapes, no wait is unbounded. */
export interface StoreAccess<T extends TokenSet> {
  /** What the store holds; `undefined` if that cannot be told, which has been reported. */
  readonly read$: Observable<T | null | undefined>;
  /** Starts at once, or after the writes before it; the result tells when it is done, well or not. */
  write(tokens: T | null): Observable<void>;
  /** Whether another holder of the store wrote these: they are not what this session last wrote or adopted. */
  isForeign(tokens: T | null): boolean;
  /** Notes that what another holder wrote is this session's own now. */
  adopt(tokens: T | null): void;
}

export function storeAccess<T extends TokenSet>(
  store: TokenStore<T>,
  limitMs: number,
  emit: (event: SessionEvent) => void,
): StoreAccess<T> {
  let known: string | undefined;
  let adoptions = 0;
  let written$: Observable<void> = of(undefined);
  const know = (tokens: T | null): void => {
    known = tokens?.accessToken;
  };
  const report =
    <R>(operation: 'get' | 'set', fallback: R) =>
    (error: unknown): Observable<R> => {
      emit({ type: 'store-failed', operation, message: failureName(error) });
      return of(fallback);
    };

  const writes$ = new Subject<Observable<void>>();
  // Subscribed for good: writes that were asked for are made, even by a session that has been disposed of.
  writes$.pipe(concatAll()).subscribe();

  return {
    // After the writes before it: one of them may be visible already, and is not another holder's.
    read$: defer(() => written$).pipe(
      concatMap(() => answer(store.get()).pipe(withTimeout(limitMs))),
      map((stored: unknown) => {
        if (stored !== null && stored !== undefined && !isTokenSet(stored)) throw new TypeError();
        return (stored ?? null) as T | null;
      }),
      catchError(report('get', undefined)),
    ),
    write: (tokens) => {
      const done$ = new AsyncSubject<void>();
      const asked = adoptions;
      written$ = done$;
      writes$.next(
        defer(() => {
          // While it waited for those before it, another holder wrote: that is newer.
          if (adoptions !== asked) return of(undefined);
          return answer(store.set(tokens)).pipe(
            withTimeout(limitMs),
            tap(() => {
              know(tokens);
            }),
          );
        }).pipe(
          catchError(report('set', undefined)),
          concatMap(() => of(undefined)),
          tap(done$),
        ),
      );
      return done$;
    },
    adopt: (tokens) => {
      adoptions += 1;
      know(tokens);
    },
    isForeign: (tokens) => tokens?.accessToken !== known,
  };
}

/** The kind of failure only: a store's message may quote what it holds, as that of `JSON.parse` does. */
export function failureName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
