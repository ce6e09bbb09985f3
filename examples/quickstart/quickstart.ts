import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve, type ServerType } from '@hono/node-server';
import axios, { type AxiosAdapter } from 'axios';
import { catchError, delay, filter, firstValueFrom, map, NEVER, of, takeUntil } from 'rxjs';
import { createClient, createSession } from 'sluice';
import { authApi } from '../demo/api/auth-api.ts';
import type { TokenAnswer } from '../demo/api/tokens.ts';

// An API whose tokens expire, on its own port.
const api = authApi(60);
const server = serve({ fetch: api.app.fetch, port: 0 }) as Extract<ServerType, { closeAllConnections(): void }>;
await once(server, 'listening');
const baseURL = `http://localhost:${(server.address() as AddressInfo).port.toString()}`;

const began = performance.now();
const tell = (who: string, what: string): void => {
  console.log(`${(performance.now() - began).toFixed(0).padStart(5)} ms  ${who.padEnd(9)} ${what}`);
};

const toTokens = ({ jwtToken, refreshToken }: TokenAnswer) => ({ accessToken: jwtToken, refreshToken });
const open = createClient({ baseURL });
const session = createSession({
  refresh: (current, { signal }) =>
    open
      .post<TokenAnswer>('/api/refresh-token', { refreshToken: current?.refreshToken }, { signal })
      .pipe(map(toTokens)),
});
session.events$.subscribe({
  next: ({ type }) => {
    if (type !== 'request-resent') tell('session', type);
  },
  error: fail,
});

// This adapter only shows the requests, because the client does not deliver the 401s.
const http = axios.getAdapter('http');
const adapter: AxiosAdapter = async (config) => {
  const who = `request ${(config.params as { n: number }).n.toString()}`;
  tell(who, '→');
  const response = await http(config);
  tell(who, `← ${response.status.toString()}`);
  return response;
};
const client = createClient({ baseURL, session, adapter });

const { data } = await axios.post<TokenAnswer>('/api/login', { user: 'Ada' }, { baseURL });
await session.signIn(toTokens(data));
api.expire();
tell('server', 'expires every access token');

// The fourth request is cancelled soon after the refresh has begun.
const cancelFourth$ = session.state$.pipe(
  filter(({ status }) => status === 'refreshing'),
  delay(100),
);
const outcomes = await Promise.all(
  [1, 2, 3, 4, 5].map(async (n) => {
    const outcome$ = client.get<{ message: string }>('/api/test-get', { params: { n } }).pipe(
      map(({ message }) => `done: ${message}`),
      catchError((error: unknown) => of(String(error))),
      takeUntil(n === 4 ? cancelFourth$ : NEVER),
    );
    const outcome = await firstValueFrom(outcome$, { defaultValue: 'cancelled while it waits' });
    tell(`request ${n.toString()}`, outcome);
    return outcome;
  }),
);

const { refreshes, unauthorized } = api.counts;
console.log(`\nThe server saw ${unauthorized.toString()} dead tokens and ${refreshes.toString()} refresh.`);
session.dispose();
server.closeAllConnections();
server.close();
const done = outcomes.filter((outcome) => outcome.startsWith('done'));
if (refreshes !== 1 || done.length !== 4) fail('This is not the expected outcome.');

function fail(error: unknown): void {
  console.error(error);
  process.exitCode = 1;
}
