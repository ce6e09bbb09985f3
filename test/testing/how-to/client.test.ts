import { BehaviorSubject, catchError, of, switchMap } from 'rxjs';
import type { Client } from 'sluice';
import { testClient } from 'sluice/testing';
import { expect, it } from 'vitest';

/** What a page shows of a search; a component would render it. */
class Search {
  readonly #term$ = new BehaviorSubject('');
  names: string[] = [];
  failed = false;

  constructor(api: Client) {
    const found$ = this.#term$.pipe(
      switchMap((q) => api.get<string[]>('/users', { params: { q } }).pipe(catchError(() => of(null)))),
    );
    found$.subscribe((names) => {
      this.failed = names === null;
      this.names = names ?? [];
    });
  }

  find(term: string): void {
    this.#term$.next(term);
  }
}

it('shows the users of the last term, and cancels the request of the former one', async () => {
  const { api, http } = testClient();
  const search = new Search(api);
  const former = await http.next('GET /users?q=');

  search.find('ad');
  expect(former.cancelled).toBe(true);
  const request = await http.next('GET /users?q=ad');
  request.flush(['Ada']);
  await http.settled();

  expect(search.names).toEqual(['Ada']);
  http.verify();
});

it('shows that a search has failed', async () => {
  const { api, http } = testClient();
  const search = new Search(api);
  (await http.next()).flush({ message: 'busy' }, { status: 503 });
  await http.settled();
  expect(search.failed).toBe(true);
});
