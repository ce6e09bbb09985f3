import { type AxiosLike, type Client, createClient, createSession, memoryStore, type Session } from 'sluice';
import { traceRequests, type TraceEvent } from 'sluice/devtools';
import { AxiosError, type AxiosAdapter } from 'axios';
import { Subject, take } from 'rxjs';
import { onTestFinished } from 'vitest';

interface App {
  readonly api: Client;
  readonly session: Session;
  readonly adapter: AxiosAdapter;
  /** Ends the refresh. */
  readonly refresh$: Subject<{ accessToken: string }>;
}

/**
 * A client whose server takes 20 ms, and knows the token `fresh` only.
 *
 * @param challenge - the `WWW-Authenticate` of its 401s
 */
export function slowApp(challenge = ''): App {
  const refresh$ = new Subject<{ accessToken: string }>();
  const adapter: AxiosAdapter = async (config) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const status = config.headers.get('Authorization') === 'Bearer fresh' ? 200 : 401;
    const response = { status, statusText: '', headers: { 'www-authenticate': challenge }, data: 'body', config };
    if (status === 200) return response;
    throw new AxiosError('', AxiosError.ERR_BAD_REQUEST, config, null, response);
  };
  const session = createSession({
    store: memoryStore({ accessToken: 'dead', refreshToken: 'r' }),
    refresh: () => refresh$.pipe(take(1)),
  });
  return { session, refresh$, adapter, api: createClient({ baseURL: 'https://api.example.com', session, adapter }) };
}

/** The events of all requests from now until the end of the test. */
export function traced(api: Client | AxiosLike): TraceEvent[] {
  const events: TraceEvent[] = [];
  const subscription = traceRequests(api).subscribe((event) => events.push(event));
  onTestFinished(() => {
    subscription.unsubscribe();
  });
  return events;
}

/** An event without its id, times and durations, which differ from run to run. */
export function stepOf(event: TraceEvent): string {
  const { type, method, path, attempt } = event;
  const status = 'status' in event && event.status !== undefined ? ` ${event.status}` : '';
  const error = type === 'failed' ? ` ${event.error}` : '';
  return `${method} ${path} ${type}${error}${status} (${attempt})`;
}

/** The key under which an axios instance has its hook while there is a listener. */
export const traceKey: symbol = Symbol.for('sluice.trace');
