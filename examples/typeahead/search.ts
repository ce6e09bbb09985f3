import { catchError, distinctUntilChanged, map, of, startWith, switchMap, type Observable } from 'rxjs';
import type { Client } from 'sluice';
import type { Found } from './api.ts';

/** What the page shows of a search. */
export type Search =
  | { readonly status: 'idle' }
  | { readonly status: 'searching'; readonly query: string }
  | { readonly status: 'found'; readonly query: string; readonly found: readonly Found[] }
  | { readonly status: 'failed'; readonly query: string; readonly error: unknown };

/**
 * Searches for each query. `switchMap` unsubscribes from a search when the next query arrives, and unsubscribing closes its connection,
 * also while the search waits for a new token.
 *
 * An app would put `debounceTime(150)` before `switchMap`, to send fewer requests. Here each letter sends one, so that there is something
 * to abandon.
 */
export function searches(api: Client, query$: Observable<string>): Observable<Search> {
  return query$.pipe(
    distinctUntilChanged(),
    switchMap((query) => (query === '' ? of<Search>({ status: 'idle' }) : search(api, query))),
  );
}

function search(api: Client, query: string): Observable<Search> {
  return api.get<readonly Found[]>('/api/search', { params: { q: query } }).pipe(
    map((found): Search => ({ status: 'found', query, found })),
    // Catch the error here: after `switchMap` it would end all searches to come.
    catchError((error: unknown) => of<Search>({ status: 'failed', query, error })),
    startWith<Search>({ status: 'searching', query }),
  );
}
