import type { IncomingMessage, ServerResponse } from 'node:http';
import { createAuthApi, isOpen, type AuthApi } from './auth-api.ts';
import { allowAnyOrigin, answerPreflight, isPreflight } from './cors.ts';
import { createGates, type Gates } from './gates.ts';
import { listen, type Listener } from './listener.ts';
import { realNow } from './real-time.ts';
import type { RefreshBehaviour } from './refresh-behaviour.ts';
import { createRefreshEndpoint, repeatsIn, type RefreshRecord } from './refresh-endpoint.ts';
import { sendReply } from './reply.ts';
import { bearerToken, createRequestLog, type RequestLog, type TokenReader } from './request-log.ts';
import type { ServerRequest } from './server-request.ts';
import { createTokenBook, type AccessToken } from './token-book.ts';

export interface AuthServerOptions {
  /**
   * The lifetime of an access token. Without it an hour, and no response mentions it (no `expiresIn`, no
   * `expiresAt`).
   */
  accessTtlMs?: number;
  /** Whether a refresh replaces the refresh token. @defaultValue `true` */
  rotate?: boolean;
  /**
   * How long a refresh token is still good after its rotation, in milliseconds: until then it gives new tokens and is no reuse.
   *
   * @defaultValue 0
   */
  graceMs?: number;
  /** Whether only the newest access token of a user is valid. @defaultValue `false` */
  newestOnly?: boolean;
  /** Where the access token is in a request. @defaultValue `Authorization: Bearer` */
  readToken?: TokenReader;
  /** How long the waiting helpers wait. @defaultValue 4 s, less than a test may take */
  waitMs?: number;
  /** The server's clock; the real one, even while a test fakes the date. */
  now?: () => number;
}

export interface LoginTokens {
  accessToken: string;
  refreshToken: string;
  expiresAt?: number;
}

export interface AuthServer
  extends
    AsyncDisposable,
    Pick<Gates, 'delay' | 'hold'>,
    Pick<RequestLog, 'sent' | 'arrived' | 'answered' | 'closed' | 'idle'>,
    Pick<Listener, 'url' | 'offline' | 'dropIdleConnections'> {
  /** Whether a refresh replaces the refresh token. */
  rotate: boolean;
  /** Whether only the newest access token of a user is valid. */
  newestOnly: boolean;
  /** The response to a request for a protected path whose token is not valid. */
  unauthorized: AuthApi['unauthorized'];
  /** Signs in without a request. */
  login(user?: string): LoginTokens;
  /** Expires the access tokens issued so far, all or those of one user; returns how many. */
  expireAccess(user?: string): number;
  /** Makes the user's refresh tokens refused from now on; access tokens stay valid. */
  revokeFamily(user?: string): void;
  /** How refreshes are answered from now on. */
  refreshBehaviour(behaviour: RefreshBehaviour): void;
  /** How the next refreshes are answered, one each. */
  nextRefresh(...behaviours: RefreshBehaviour[]): void;
  /**
   * Sets another response for a path; below `/api/` it is used once the token is found valid. Returns a function that
   * undoes this.
   */
  route: AuthApi['route'];

  /** All requests in the order of their arrival, refreshes and sign-ins included, CORS preflights excluded. */
  readonly requests: readonly ServerRequest[];
  readonly refreshes: readonly RefreshRecord[];
  /** The refreshes that presented a refresh token which had been rotated (`graceMs` ago or earlier). Must be empty for a correct client. */
  readonly reuse: readonly RefreshRecord[];
  /** Pairs of refreshes that presented the same refresh token. */
  readonly repeats: readonly (readonly [earlier: RefreshRecord, later: RefreshRecord])[];
  /** The refresh and access tokens that were sent to `POST /api/revoke`. */
  readonly revocations: readonly string[];
  readonly preflights: number;
  /** How many requests each path received. */
  readonly counts: Readonly<Record<string, number>>;
  /**
   * Requests that arrived after the `sinceRefresh`-th refresh and carried a token that was dead, or older than one
   * that the client had been sent. Must be empty for a client that holds requests, if the requests sent before the
   * refresh had arrived before it: `hold` a herd until all of it is `waiting`.
   */
  staleSends(sinceRefresh?: number): ServerRequest[];
  /** Every token that was issued; for `expectNoToken`. */
  secrets(): string[];
  /** Deletes all records; tokens, behaviours and holds stay. */
  forget(): void;
  close(): Promise<void>;
}

/**
 * A real HTTP server with expiring access tokens and rotating refresh tokens, which tests can hold, break and
 * inspect.
 */
export async function startAuthServer(options: AuthServerOptions = {}): Promise<AuthServer> {
  const {
    accessTtlMs = 3_600_000,
    graceMs = 0,
    newestOnly = false,
    rotate = true,
    now = realNow,
    readToken = bearerToken,
    waitMs = 30_000,
  } = options;
  const announced = options.accessTtlMs !== undefined;
  const closing = new AbortController();
  const { signal } = closing;

  const book = createTokenBook({ ttlMs: accessTtlMs, graceMs, newestOnly: () => server.newestOnly, now });
  const tokenBody = ({ value, expiresAt }: AccessToken): object => ({
    jwtToken: value,
    ...(announced ? { expiresIn: (expiresAt - now()) / 1000 } : {}),
  });
  const log = createRequestLog({ book, readToken, waitMs });
  const gates = createGates(log.watcher, signal);
  const endpoint = createRefreshEndpoint(book, tokenBody);
  const api = createAuthApi(book, endpoint, tokenBody);
  endpoint.rotate = rotate;
  let preflights = 0;

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', ignore);
    incoming.on('error', ignore);
    allowAnyOrigin(incoming, response);
    if (isPreflight(incoming)) {
      preflights += 1;
      answerPreflight(incoming, response);
      return;
    }
    const request = log.open(incoming, response);
    if (!(await readBody(incoming, request))) return;
    const refresh = isRefresh(request) ? endpoint.arrive(request) : undefined;
    await gates.pass('before', request);
    const reply = await api.answer(request, refresh, signal);
    await gates.pass('after', request);
    await sendReply(reply, {
      response,
      closing: signal,
      breaking: () => {
        log.breaking(response);
      },
    });
  }

  const listener = await listen((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      // If a test's route throws, or a reply cannot be sent, let the test end and show why.
      if (!response.headersSent) response.writeHead(500);
      response.end(`The test's server failed: ${String(error)}`);
    });
  }, log);

  const { sent, arrived, answered, closed, idle, requests } = log;
  const { delay, hold } = gates;
  const { url, offline, dropIdleConnections } = listener;
  const server: AuthServer = {
    url,
    offline,
    dropIdleConnections,
    delay,
    hold,
    sent,
    arrived,
    answered,
    closed,
    idle,
    requests,
    newestOnly,
    get rotate() {
      return endpoint.rotate;
    },
    set rotate(on) {
      endpoint.rotate = on;
    },
    get unauthorized() {
      return api.unauthorized;
    },
    set unauthorized(reply) {
      api.unauthorized = reply;
    },

    login(user = 'ada') {
      const token = book.signIn(user);
      token.delivered = true;
      const { value: accessToken, family, expiresAt } = token;
      return { accessToken, refreshToken: family.refreshToken, ...(announced ? { expiresAt } : {}) };
    },
    expireAccess: (user) => book.expireAccess(user),
    revokeFamily(user = 'ada') {
      book.revoke(user);
    },
    refreshBehaviour(behaviour) {
      endpoint.behaviour = behaviour;
    },
    nextRefresh(...behaviours) {
      endpoint.queue.push(...behaviours);
    },
    route: (where, route) => api.route(where, route),

    refreshes: endpoint.records,
    get reuse() {
      return endpoint.records.filter(({ outcome }) => outcome === 'reused');
    },
    get repeats() {
      return repeatsIn(endpoint.records);
    },
    revocations: api.revocations,
    get preflights() {
      return preflights;
    },
    get counts() {
      const counts: Record<string, number> = {};
      for (const { path } of requests) counts[path] = (counts[path] ?? 0) + 1;
      return counts;
    },
    staleSends(sinceRefresh = 1) {
      const since = endpoint.records[sinceRefresh - 1]?.request.id ?? Infinity;
      return requests.filter((request) => request.stale && request.id > since && needsToken(request));
    },
    secrets: () => book.all(),
    forget() {
      for (const list of [requests, endpoint.records, api.revocations]) list.length = 0;
      preflights = 0;
    },
    close() {
      closing.abort();
      return listener.close();
    },
    [Symbol.asyncDispose]: () => server.close(),
  };

  return server;
}

function isRefresh({ method, path }: ServerRequest): boolean {
  return method === 'POST' && (path === '/api/refresh-token' || path === '/api/cookie-refresh');
}

function needsToken(request: ServerRequest): boolean {
  return request.path.startsWith('/api/') && !isRefresh(request) && !isOpen(request);
}

/** Whether the whole body arrived. */
async function readBody(incoming: IncomingMessage, request: ServerRequest): Promise<boolean> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    return true;
  } catch {
    return false;
  } finally {
    request.body = Buffer.concat(chunks);
  }
}

function ignore(): void {
  // The log records a client that aborts.
}
