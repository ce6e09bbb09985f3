import type { AxiosResponse, AxiosStatic, InternalAxiosRequestConfig } from 'axios';
import { firstValueFrom } from 'rxjs';
import type { RequestOptions } from 'sluice';
import type { Sent } from './answer.ts';
import type { Case } from './case.ts';
import { outcomeOfError, outcomeOfValue, type Outcome } from './outcome.ts';
import type { RecordingServer } from './recording-server.ts';

export const ways = ['attached', 'client'] as const;
export type Way = (typeof ways)[number] | 'raw';

/** The result of one run, at the server and for the caller. */
export interface Result {
  readonly sent: readonly Sent[];
  readonly outcome: Outcome;
}

/** One version of axios, with a Sluice that is built on that version. */
export interface Library {
  readonly axios: AxiosStatic;
  readonly sluice: typeof import('sluice');
}

export interface Run {
  readonly way: Way;
  readonly adapter: string;
  /** Whether the token at hand is dead. */
  readonly isExpired: boolean;
}

/** Much longer than any response takes. */
const HANGS_MS = 5000;

const hanging = (): Promise<Outcome> =>
  new Promise((resolve) => {
    setTimeout(resolve, HANGS_MS, { kind: 'hangs' });
  });

let runs = 0;

/** Sends one request in one way. */
export async function send(library: Library, server: RecordingServer, given: Case, run: Run): Promise<Result> {
  const name = `run${String(++runs)}`;
  const base = `${server.url}/${name}`;
  const config = given.config({ base, elsewhere: `${server.elsewhere}/${name}` });
  const controller = new AbortController();
  if (given.abortAfterMs !== undefined) {
    config.signal = controller.signal;
    setTimeout(() => {
      controller.abort();
    }, given.abortAfterMs);
  }
  const outcome = await Promise.race([
    request(library, base, config, run).then(outcomeOfValue, outcomeOfError),
    hanging(),
  ]);
  return named({ sent: await server.sentIn(name), outcome }, name);
}

async function request(
  { axios, sluice }: Library,
  baseURL: string,
  config: ReturnType<Case['config']>,
  { way, adapter, isExpired }: Run,
): Promise<AxiosResponse> {
  const defaults = { baseURL, adapter };
  if (way === 'raw') {
    const instance = axios.create(defaults);
    const { origin } = new URL(baseURL);
    // Raw axios gets the header as a session would set it: not for an untrusted origin, and not in place of the
    // caller's own.
    const authorize = (request: InternalAxiosRequestConfig): InternalAxiosRequestConfig => {
      const isOwn = request.headers.has('Authorization') || request.auth !== undefined;
      if (!isOwn && isAt(origin, request)) request.headers.set('Authorization', 'Bearer good');
      return request;
    };
    instance.interceptors.request.use(authorize, null, { synchronous: true });
    return instance.request(config);
  }
  const session = sluice.createSession({
    store: sluice.memoryStore({ accessToken: isExpired ? 'dead' : 'good', refreshToken: 'r' }),
    // Each refresh gives another token, because a 401 to a valid token causes a refresh as well.
    refresh: (tokens) =>
      Promise.resolve({ accessToken: tokens?.accessToken === 'dead' ? 'good' : 'newer', refreshToken: 's' }),
  });
  if (way === 'client') {
    const api = sluice.createClient({ ...defaults, session });
    const options = { ...config, url: config.url ?? '', observe: 'response' } as unknown as RequestOptions & {
      url: string;
    };
    return firstValueFrom(api.request(options)) as Promise<AxiosResponse>;
  }
  const instance = axios.create(defaults);
  sluice.attachSession(instance, session);
  return instance.request(config);
}

function isAt(origin: string, { url = '', baseURL = '' }: InternalAxiosRequestConfig): boolean {
  const full = /^([a-z][a-z\d+.-]*:)?\/\//i.test(url) ? url : baseURL;
  return URL.canParse(full) && new URL(full).origin === origin;
}

/** Removes what differs by chance: the name of the run, and the boundaries of forms. */
function named(result: Result, name: string): Result {
  const text = JSON.stringify({
    ...result,
    sent: result.sent.map((sent) => ({ ...sent, body: atob(sent.body) })),
  });
  const boundaries = /WebKitFormBoundary\w{16}|formdata-undici-\d+|axios-[\w.]+-boundary-[\w-]{25}|-{20,}[\da-f]{16,}/g;
  return JSON.parse(text.replaceAll(name, 'run').replaceAll(boundaries, 'boundary')) as Result;
}
