import type { AxiosAdapter } from 'axios';
import { Subject, type Observable } from 'rxjs';

/** What a request does on the wire, below the client: it sees each send, and the 401 that the client keeps to itself. */
export type WireEvent = { readonly n: number } & (
  { readonly type: 'sent' } | { readonly type: 'answered'; readonly status: number }
);

export interface Wire {
  readonly events$: Observable<WireEvent>;
  watch(this: void, adapter: AxiosAdapter): AxiosAdapter;
}

export function wire(): Wire {
  const events$ = new Subject<WireEvent>();
  return {
    events$,
    watch: (adapter) => async (config) => {
      const { n } = config.params as { n: number };
      events$.next({ n, type: 'sent' });
      const response = await adapter(config);
      events$.next({ n, type: 'answered', status: response.status });
      return response;
    },
  };
}
