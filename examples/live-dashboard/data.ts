import { EMPTY, ignoreElements, map, merge, of, scan, startWith, take, type NextObserver, type Observable } from 'rxjs';
import type { Client } from 'sluice';
import { paginate, toRequestState, type RequestState } from 'sluice/operators';
import { eventStream, type StreamStatus } from 'sluice/streams';
import type { IncidentPage, Metrics, Service } from './api.ts';

type Incident = IncidentPage['items'][number];

/** The newest measurements, oldest first. The stream connects again when its token has expired. */
export function latestMetrics(
  api: Client,
  count: number,
  statusObserver: NextObserver<StreamStatus>,
): Observable<readonly Metrics[]> {
  const parse = (data: string): Metrics => JSON.parse(data) as Metrics;
  return eventStream(api, '/api/board/metrics', { parse, idleTimeoutMs: 20_000, statusObserver }).pipe(
    map(({ data }) => data),
    scan((latest: readonly Metrics[], metrics) => [...latest, metrics].slice(-count), []),
  );
}

/** The services, requested again at each value of `reload$`. The former ones stay while the request runs, and when it fails. */
export function services(api: Client, reload$: Observable<unknown>): Observable<RequestState<readonly Service[]>> {
  return reload$.pipe(
    startWith(null),
    toRequestState(() => api.get<readonly Service[]>('/api/board/services')),
  );
}

/** The incidents so far, and whether there are more. Each value of `more$` requests the next page. */
export interface Incidents {
  readonly items: readonly Incident[];
  readonly hasMore: boolean;
}

export function incidents(api: Client, more$: Observable<unknown>): Observable<RequestState<Incidents>> {
  const page = (cursor: number): Observable<IncidentPage> =>
    api.get<IncidentPage>('/api/board/incidents', { params: { cursor } });
  return paginate(page(0), ({ cursor }) => cursor !== null && page(cursor), {
    // The next page is requested when this completes: when somebody wants more.
    each: (shown) => merge(of(shown), shown.cursor === null ? EMPTY : more$.pipe(take(1), ignoreElements())),
  }).pipe(
    scan((all: Incidents, { items, cursor }) => ({ items: [...all.items, ...items], hasMore: cursor !== null }), {
      items: [],
      hasMore: false,
    }),
    toRequestState(),
  );
}
