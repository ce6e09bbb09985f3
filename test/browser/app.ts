import {
  createClient,
  createSession,
  memoryStore,
  type Client,
  type ClientOptions,
  type Session,
  type SessionEvent,
  type SessionOptions,
  type TokenSet,
} from 'sluice';
import { vi, type Mock } from 'vitest';
import { refreshByFetch } from '../support/refresh-by-fetch.ts';
import type { ServerOfTest } from './server.ts';

/** The adapters that browsers have. All tests run with each, because their differences must not show. */
export const adapters = ['xhr', 'fetch'] as const;
export type AdapterName = (typeof adapters)[number];

export interface SessionSetup {
  readonly session: Session;
  readonly refresh: Mock<SessionOptions['refresh']>;
  readonly events: SessionEvent[];
}

type SessionSetupOptions = Partial<SessionOptions> & { initial?: TokenSet | null };

/** A session that is signed in on the server, or starts with `initial`. Its refresh uses a plain `fetch`. */
export async function sessionOn(
  server: ServerOfTest,
  { initial, ...options }: SessionSetupOptions = {},
): Promise<SessionSetup> {
  const refresh = vi.fn<SessionOptions['refresh']>(
    options.refresh ?? ((current, { signal }) => refreshByFetch(server, current, signal)),
  );
  const store = options.store ?? memoryStore(initial === undefined ? await server.login() : initial);
  const session = createSession({ ...options, store, refresh });
  const events: SessionEvent[] = [];
  session.events$.subscribe((event) => events.push(event));
  return { session, refresh, events };
}

export interface App extends SessionSetup {
  readonly api: Client;
}

type AppOptions = Pick<ClientOptions, 'trustedOrigins' | 'isUnauthorized'> & {
  readonly baseURL?: string;
  readonly sessionOptions?: SessionSetupOptions;
};

/** A client of the server and its session. */
export async function appOn(
  server: ServerOfTest,
  adapter: AdapterName,
  { sessionOptions, ...options }: AppOptions = {},
): Promise<App> {
  const setup = await sessionOn(server, sessionOptions);
  return { ...setup, api: createClient({ baseURL: server.url, adapter, ...options, session: setup.session }) };
}

/** The types of the events of a session, in order. */
export function typesOf(events: readonly SessionEvent[]): string[] {
  return events.map(({ type }) => type);
}
