import {
  createClient,
  createSession,
  memoryStore,
  type Client,
  type ClientOptions,
  type Session,
  type SessionOptions,
  type TokenSet,
} from 'sluice';
import { withoutFigures } from '../support/without-figures.ts';
import axios, { type AxiosError, type AxiosInstance, type CreateAxiosDefaults } from 'axios';
import type { Observable } from 'rxjs';
import { vi, type Mock } from 'vitest';
import type { AuthServer } from '../support/auth-server.ts';
import { record } from '../support/recorder.ts';
import { refreshByFetch } from '../support/refresh-by-fetch.ts';

export { refreshByFetch, tokensFrom } from '../support/refresh-by-fetch.ts';

/** The adapters that Node has. All tests run with each, because their differences must not show. */
export const adapters = ['http', 'fetch'] as const;
export type AdapterName = (typeof adapters)[number];

export interface SessionSetup {
  readonly session: Session;
  /** The app's `refresh`; by default it uses a plain `fetch` to the server. */
  readonly refresh: Mock<SessionOptions['refresh']>;
  /** The events without times and durations. */
  readonly events: ReturnType<typeof withoutFigures>[];
}

/** A session that is signed in on the server, or starts with `initial`. */
export function sessionOn(
  server: AuthServer,
  { initial = server.login(), ...options }: Partial<SessionOptions> & { initial?: TokenSet | null } = {},
): SessionSetup {
  const refresh = vi.fn<SessionOptions['refresh']>(options.refresh ?? ((current) => refreshByFetch(server, current)));
  const session = createSession({ store: memoryStore(initial), ...options, refresh });
  const events: ReturnType<typeof withoutFigures>[] = [];
  session.events$.subscribe((event) => events.push(withoutFigures(event)));
  return { session, refresh, events };
}

export interface App extends SessionSetup {
  readonly api: Client;
}

export type AppOptions = Omit<CreateAxiosDefaults<unknown>, 'adapter'> &
  Pick<ClientOptions, 'trustedOrigins' | 'isUnauthorized'> & {
    adapter?: CreateAxiosDefaults['adapter'];
    sessionOptions?: Partial<SessionOptions> & { initial?: TokenSet | null };
  };

/** A client of the server and its session. */
export function appOn(server: AuthServer, { sessionOptions, ...options }: AppOptions = {}): App {
  const setup = sessionOn(server, sessionOptions);
  return {
    ...setup,
    api: createClient({ baseURL: server.url, ...options, session: setup.session } as ClientOptions),
  };
}

/** An axios instance of the server, as an app has it. */
export function instanceOn(server: AuthServer, adapter: AdapterName = 'http'): AxiosInstance {
  return axios.create({ baseURL: server.url, adapter });
}

/** The error that a request ends with; throws if it ends otherwise. */
export async function errorOf(request: Observable<unknown> | Promise<unknown>): Promise<AxiosError> {
  if (request instanceof Promise) {
    return request.then(
      () => {
        throw new Error('it succeeded');
      },
      (error: unknown) => error as AxiosError,
    );
  }
  const outcome = await record(request).outcome;
  if (outcome.kind !== 'error') throw new Error(`it ended with ${outcome.kind}`);
  return outcome.error as AxiosError;
}

/** The body of the response of `/api/echo`. */
export interface Echo {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly user?: string;
  readonly generation?: number;
  readonly text: string;
  readonly length: number;
  readonly headers: Record<string, string>;
}

/** Waits until everything in flight has arrived, by sending a request after it. */
export async function flush(server: AuthServer): Promise<void> {
  for (let n = 0; n < 3; n += 1) await fetch(`${server.url}/public/flush`);
}

/** The paths that a server received, without those of `flush`. */
export function paths(server: AuthServer): string[] {
  return server
    .sent()
    .map(({ path }) => path)
    .filter((path) => path !== '/public/flush');
}
