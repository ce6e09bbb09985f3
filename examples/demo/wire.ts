import type { AxiosAdapter } from 'axios';
import { Subject, type Observable } from 'rxjs';

/** Events of the network, below the client: they include each send, and the 401s that the client does not deliver. */
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
