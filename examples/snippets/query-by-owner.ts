import { distinctUntilChanged, firstValueFrom, map, skip } from 'rxjs';
import type { Client, Session } from 'sluice';

/** Options for `useQuery`, `injectQuery` and `queryClient.fetchQuery`. */
export const userQuery = (api: Client, session: Session, id: number) => ({
  queryKey: [session.state.owner, 'users', id],
  queryFn: ({ signal }: { signal: AbortSignal }) => firstValueFrom(api.get(`/users/${id}`, { signal })),
  // Until the store has been read the owner is null, and the response would be kept as one for nobody.
  enabled: !['restoring', 'unavailable'].includes(session.state.status),
});

/** Removes what the former person has loaded, until the session is disposed of. */
export const clearWithOwner = (session: Session, queryClient: { clear(): void }) =>
  session.state$
    .pipe(
      map(({ owner }) => owner),
      distinctUntilChanged(),
      skip(1),
    )
    .forEach(() => {
      queryClient.clear();
    });
