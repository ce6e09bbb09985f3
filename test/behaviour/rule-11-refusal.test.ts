import { createClient, memoryStore, type SessionOptions } from 'sluice';
import { firstValueFrom, map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { appOn, refreshByFetch, tokensFrom, type AdapterName } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import type { AuthServer } from '../support/auth-server.ts';
import type { RefreshAnswer } from '../support/refresh-behaviour.ts';
import { useAuthServer, type TokenAnswer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { errorsOf, herd, kindsOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

const refreshByClient = (server: AuthServer, adapter: AdapterName): SessionOptions['refresh'] => {
  const open = createClient({ baseURL: server.url, adapter });
  return (current) =>
    open
      .post<TokenAnswer>('/api/refresh-token', { refreshToken: current?.refreshToken })
      .pipe(map((answer) => tokensFrom(answer)));
};
const ways: [string, (server: AuthServer) => SessionOptions['refresh']][] = [
  ['fetch', (server) => (current) => refreshByFetch(server, current)],
  ['a client on http', (server) => refreshByClient(server, 'http')],
  ['a client on fetch', (server) => refreshByClient(server, 'fetch')],
];

const portal = (status: number): [string, RefreshAnswer] => [
  `${status} in HTML`,
  { status, headers: { 'content-type': 'text/html' }, body: '<!doctype html><title>Hotel</title>' },
];
const named = (...presets: Extract<RefreshAnswer, string>[]): [string, RefreshAnswer][] =>
  presets.map((preset) => [preset, preset]);

describe.each(ways)('Rule 11: Only a definitive refusal ends a session (refresh by %s)', (_name, refreshOf) => {
  const setUp = async (answer: RefreshAnswer) => {
    const { server } = auth;
    const store = memoryStore(server.login());
    const sessionOptions = {
      store,
      refresh: refreshOf(server),
      refreshRetries: false,
      minRefreshIntervalMs: 0,
    } as const;
    const isEndless = answer === 'hang' || answer === 'slow-headers';
    const app = appOn(server, { sessionOptions: { ...sessionOptions, ...(isEndless && { refreshTimeoutMs: 1_000 }) } });
    server.expireAccess();
    server.refreshBehaviour(answer);
    // Hold the refresh until all requests wait, so that none of them starts a second one.
    const hold = server.hold('/api/refresh-token');
    const recordings = herd(3, (path) => app.api.get(path));
    await hold.arrived;
    await server.answered('/api/echo*', 3);
    hold.release();
    const errors = await errorsOf(recordings);
    // A session with the usual time limit, if that of `app` is so short that a busy machine may not keep to it.
    const later = isEndless ? appOn(server, { sessionOptions }) : app;
    return { ...app, later, server, store, errors, outs: app.events.filter(({ type }) => type === 'signed-out') };
  };

  it.each(
    named('400:invalid_grant', '401:invalid_grant', '403:invalid_grant', '400', '401', '403', '400:NOT_AN_OAUTH_CODE'),
  )('%s: the session ends, and signs out once', async (_what, answer) => {
    const { errors, session, store, outs, server } = await setUp(answer);
    expect(errors).toEqual(
      Array(3).fill(expect.objectContaining({ name: 'SessionExpiredError', code: 'session-expired' })),
    );
    expect(session.state).toMatchObject({ status: 'signed-out', tokens: null, reason: 'expired' });
    expect(outs).toEqual([{ type: 'signed-out', reason: 'expired' }]);
    expect(store.get()).toBeNull();
    expect(server.refreshes).toHaveLength(1);
  });

  it.each([
    ...named(
      'reset',
      'reset-after-headers',
      'half-body',
      'hang',
      'slow-headers',
      '408',
      '429',
      '500',
      '502',
      '503',
      '504',
    ),
    ...named('html', '400:temporarily_unavailable'),
    portal(400),
    portal(403),
    portal(503),
  ])('%s: the session is kept', async (_what, answer) => {
    const { errors, session, store, outs, server, later } = await setUp(answer);
    expect(errors).toEqual(Array(3).fill(expect.objectContaining({ name: 'RefreshFailedError' })));
    expect(errors.map((error) => (error as { reason: string }).reason)).not.toContain('misconfigured');
    expect(session.state).toMatchObject({ status: 'signed-in', generation: 1 });
    expect(store.get()).toMatchObject(session.state.tokens ?? {});
    expect(outs).toEqual([]);
    server.refreshBehaviour('ok');
    await firstValueFrom(later.api.get('/api/echo'));
    expect(later.session.state).toMatchObject({ status: 'signed-in', generation: 2 });
  });

  it.each(
    named(
      '400:invalid_client',
      '401:invalid_client',
      '400:invalid_request',
      '400:unauthorized_client',
      '400:unsupported_grant_type',
      '400:invalid_scope',
      '404',
      '405',
      '415',
      '422',
    ),
  )('%s: the failure is `misconfigured`, and the session is kept', async (_what, answer) => {
    const { errors, session, outs, store } = await setUp(answer);
    expect(errors).toEqual(
      Array(3).fill(expect.objectContaining({ name: 'RefreshFailedError', reason: 'misconfigured' })),
    );
    expect(session.state).toMatchObject({ status: 'signed-in', generation: 1 });
    expect(store.get()).toMatchObject(session.state.tokens ?? {});
    expect(outs).toEqual([]);
  });
});

describe('Rule 11, while offline', () => {
  it('a missing network keeps the session, which continues when the network is back', async () => {
    const { server } = auth;
    const { api, session } = appOn(server, { sessionOptions: { minRefreshIntervalMs: 0 } });
    server.expireAccess();
    server.nextRefresh('hang');
    const recordings = herd(3, (path) => api.get(path));
    await server.answered('/api/echo*', 3);
    await server.arrived('/api/refresh-token');
    server.offline();
    expect(await errorsOf(recordings)).toEqual(
      Array(3).fill(expect.objectContaining({ name: 'RefreshFailedError', reason: 'unavailable' })),
    );
    expect(session.state).toMatchObject({ status: 'signed-in', generation: 1 });
    // A request that is made offline fails with axios's error and not with the session's: no 401 arrives that could start a refresh.
    expect(await errorsOf([record(api.get('/api/echo'))])).toEqual([expect.objectContaining({ isAxiosError: true })]);
    server.offline(false);
    expect(await kindsOf(herd(3, (path) => api.get(path)))).toEqual(['complete']);
  });
});
