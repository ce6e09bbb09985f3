import { describe, expect, it } from 'vitest';
import { appOn, flush } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { expectOrderlyRefreshes, fetchOn, kindsOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe('Rule 2: A 401 starts a refresh only if the request carried the current generation. An older one is resent with the current token', () => {
  it('starts a refresh for a 401 to the current generation', async () => {
    const { server } = auth;
    const { api } = appOn(server);
    server.expireAccess();
    expect(await kindsOf([record(api.get('/api/echo'))])).toEqual(['complete']);
    expect(server.refreshes).toHaveLength(1);
    expect(server.sent('/api/echo').map(({ generation }) => generation)).toEqual([1, 2]);
  });

  it('resends a request of an older generation with the current token and without a refresh', async () => {
    const { server } = auth;
    // With an interval of 0, only the generation of a request can prevent another refresh, not the age of the last one.
    const { api, session } = appOn(server, { sessionOptions: { minRefreshIntervalMs: 0 } });
    server.expireAccess();
    const slow = server.hold('/api/echo?slow');
    const late = [record(api.get('/api/echo?slow')), record(fetchOn(server, session)('/api/echo?slow'))];
    await slow.waiting(2);
    expect(await kindsOf([record(api.get('/api/test-get'))])).toEqual(['complete']);
    expect(session.state.generation).toBe(2);
    slow.release();
    expect(await kindsOf(late)).toEqual(['complete']);
    expect(server.refreshes).toHaveLength(1);
    expect(server.sent('/api/echo').map(({ generation }) => generation)).toEqual([1, 1, 2, 2]);
    expect(session.state.generation).toBe(2);
    expectOrderlyRefreshes(server);
  });

  it('holds a request of an older generation while the current token is being refreshed', async () => {
    const { server } = auth;
    const { api } = appOn(server, { sessionOptions: { minRefreshIntervalMs: 0 } });
    server.expireAccess();
    const slow = server.hold('/api/echo?slow');
    const late = record(api.get('/api/echo?slow'));
    await slow.arrived;
    expect(await kindsOf([record(api.get('/api/test-get'))])).toEqual(['complete']);
    server.expireAccess();
    const refresh = server.hold('/api/refresh-token');
    const next = record(api.get('/api/test-get'));
    await refresh.arrived;
    slow.release();
    await server.answered('/api/echo');
    await flush(server);
    expect(server.sent('/api/echo')).toHaveLength(1);
    refresh.release();
    expect(await kindsOf([late, next])).toEqual(['complete']);
    expect(server.sent('/api/echo').map(({ generation }) => generation)).toEqual([1, 3]);
    expect(server.refreshes).toHaveLength(2);
    expectOrderlyRefreshes(server);
  });

  it('starts no refresh for the 401 to a request that was sent without a token, before a sign-in', async () => {
    const { server } = auth;
    const { api, session } = appOn(server, { sessionOptions: { initial: null } });
    const slow = server.hold('/api/echo');
    const early = record(api.get('/api/echo'));
    await slow.arrived;
    await session.signIn(server.login());
    slow.release();
    expect(await early.outcome).toMatchObject({ kind: 'error', error: { response: { status: 401 } } });
    expect(server.refreshes).toEqual([]);
    expect(server.sent('/api/echo').map(({ tokenState }) => tokenState)).toEqual(['none']);
  });
});
