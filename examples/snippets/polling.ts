import { EMPTY, fromEvent, map, type Observable, repeat, startWith, switchMap } from 'rxjs';

const isVisible$ = fromEvent(document, 'visibilitychange').pipe(
  startWith(undefined),
  map(() => document.visibilityState === 'visible'),
);

/** Sends a request, and again `ms` milliseconds after the end of the one before, while the page is visible. */
export const poll = <T>(request$: Observable<T>, ms: number): Observable<T> =>
  isVisible$.pipe(switchMap((isVisible) => (isVisible ? request$.pipe(repeat({ delay: ms })) : EMPTY)));
