import { attachSession, createClient, type SessionOptions, type TokenSet } from 'sluice';
import axios, {
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
  type CreateAxiosDefaults,
} from 'axios';
import { firstValueFrom } from 'rxjs';
import { expect } from 'vitest';
import { type Echo, sessionOn, type SessionSetup } from '../http/fixture.ts';
import type { AuthServer } from '../support/auth-server.ts';

/** Sends a request as an app does, by promise code or by a client, with axios's own config. */
export type Send = <T = Echo>(config: AxiosRequestConfig & { url: string }) => Promise<AxiosResponse<T>>;

export interface Beside extends SessionSetup {
  readonly instance: AxiosInstance;
  readonly send: Send;
}

export interface BesideOptions {
  readonly defaults?: CreateAxiosDefaults;
  readonly sessionOptions?: Partial<SessionOptions> & { initial?: TokenSet | null };
}

/** Installs a library on an instance. */
export type Install = (instance: AxiosInstance) => void;

type Way = (server: AuthServer, install: Install, options?: BesideOptions) => Beside;

function appOf(attach: (instance: AxiosInstance, setup: SessionSetup) => Send, isLibraryFirst: boolean): Way {
  return (server, install, { defaults, sessionOptions } = {}) => {
    const instance = axios.create({ baseURL: server.url, ...defaults });
    const setup = sessionOn(server, sessionOptions);
    if (isLibraryFirst) install(instance);
    const send = attach(instance, setup);
    if (!isLibraryFirst) install(instance);
    return { ...setup, instance, send };
  };
}

const attached = (instance: AxiosInstance, { session }: SessionSetup): Send => {
  attachSession(instance, session);
  return (config) => instance.request(config);
};
const client = (instance: AxiosInstance, { session }: SessionSetup): Send => {
  const api = createClient({ axios: instance, session });
  return <T>(config: AxiosRequestConfig & { url: string }) =>
    firstValueFrom(api.request<T>({ ...(config as { url: string }), observe: 'response' }));
};

/** The orders in which an app may install a library and a session on an instance. */
export const ways: readonly (readonly [name: string, way: Way])[] = [
  ['before attachSession', appOf(attached, true)],
  ['after attachSession', appOf(attached, false)],
  ['before createClient', appOf(client, true)],
  ['after createClient', appOf(client, false)],
];

/**
 * Ten requests with a dead token: each is sent twice, with one refresh in between, and no refresh token is used
 * twice.
 */
export async function expectHealedHerd(server: AuthServer, get: (n: number) => Promise<unknown>): Promise<void> {
  server.expireAccess();
  const since = server.requests.length;
  const hold = server.hold('/api/echo*');
  const answers = Array.from({ length: 10 }, (_, n) => get(n));
  await hold.waiting(10);
  hold.release();
  await Promise.all(answers);
  const paths = server.requests.slice(since).map(({ path, tokenState }) => `${path} ${tokenState}`);
  expect(paths.filter((path) => path.startsWith('/api/echo'))).toEqual([
    ...Array<string>(10).fill('/api/echo expired'),
    ...Array<string>(10).fill('/api/echo valid'),
  ]);
  expect(paths).toHaveLength(21);
  expect(server.refreshes).toHaveLength(1);
  expect(server.reuse).toEqual([]);
  expect(server.repeats).toEqual([]);
}
