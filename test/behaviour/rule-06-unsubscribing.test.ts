import { attachSession } from 'sluice';
import { finalize } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { appOn, errorOf, flush, instanceOn, sessionOn } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { expectOrderlyRefreshes, fetchOn, herd, kindsOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe('Rule 6: Unsubscribing a request: in flight, it is aborted on the wire; waiting, it leaves at once and is never sent; others notice nothing', () => {
  it.each(['client', 'operator'] as const)('aborts a request in flight on the wire (%s)', async (kind) => {
    const { server } = auth;
    const { api, session } = appOn(server);
    const get = kind === 'client' ? (path: string) => api.get(path) : fetchOn(server, session);
    const hold = server.hold('/api/echo*');
    const [leaving, staying] = herd<unknown>(2, get);
    await hold.waiting(2);
    leaving!.unsubscribe();
    expect((await server.closed('/api/echo*')).map(({ url }) => url)).toEqual(['/api/echo?n=0']);
    hold.release();
    expect(await kindsOf([staying!])).toEqual(['complete']);
    expect(leaving!.events).toEqual([]);
    expect(server.sent('/api/echo?n=1').map(({ closedEarly }) => closedEarly)).toEqual([false]);
  });

  it.each(['client', 'operator'] as const)('ends a waiting request at once, and never sends it (%s)', async (kind) => {
    const { server } = auth;
    const { api, session } = appOn(server);
    const get = kind === 'client' ? (path: string) => api.get(path) : fetchOn(server, session);
    server.expireAccess();
    const hold = server.hold('/api/refresh-token');
    const first = record<unknown>(get('/api/test-get'));
    await hold.arrived;
    const finalized = vi.fn();
    const waiting = herd<unknown>(10, (path) => get(path).pipe(finalize(finalized)));
    await flush(server);
    for (const recording of waiting.slice(0, 5)) recording.unsubscribe();
    expect(finalized).toHaveBeenCalledTimes(5);
    hold.release();
    expect(await kindsOf([first, ...waiting.slice(5)])).toEqual(['complete']);
    await flush(server);
    expect(
      server
        .sent('/api/echo*')
        .map(({ query }) => query['n'])
        .sort(),
    ).toEqual(['5', '6', '7', '8', '9']);
    expect(waiting.slice(0, 5).flatMap(({ events }) => events)).toEqual([]);
    expect(server.refreshes).toHaveLength(1);
    expectOrderlyRefreshes(server);
  });

  it('ends the request whose 401 has caused the refresh, and serves the others', async () => {
    const { server } = auth;
    const { api } = appOn(server);
    server.expireAccess();
    const hold = server.hold('/api/refresh-token');
    const cause = record(api.get('/api/test-get'));
    await hold.arrived;
    const others = herd(5, (path) => api.get(path));
    cause.unsubscribe();
    hold.release();
    expect(await kindsOf(others)).toEqual(['complete']);
    await flush(server);
    expect(server.sent('/api/test-get')).toHaveLength(1);
    expect(server.refreshes.map(({ outcome, request }) => [outcome, request.closedEarly])).toEqual([['issued', false]]);
  });

  it('aborts the resend of a request', async () => {
    const { server } = auth;
    const { api } = appOn(server);
    server.expireAccess();
    const hold = server.hold(({ path, tokenState }) => path === '/api/echo' && tokenState === 'valid');
    const leaving = record(api.get('/api/echo'));
    await hold.arrived;
    leaving.unsubscribe();
    await server.closed('/api/echo');
    expect(leaving.events).toEqual([]);
    expect(server.sent('/api/echo').map(({ closedEarly }) => closedEarly)).toEqual([false, true]);
  });

  it('ends a waiting request of an attached instance with an error by its abort signal, and never sends it', async () => {
    const { server } = auth;
    const { session } = sessionOn(server);
    const instance = instanceOn(server);
    attachSession(instance, session);
    const [inFlight, waiting] = [new AbortController(), new AbortController()];

    const atServer = server.hold('/api/echo');
    const first = errorOf(instance.get('/api/echo', { signal: inFlight.signal }));
    await atServer.arrived;
    inFlight.abort();
    expect((await first).code).toBe('ERR_CANCELED');
    await server.closed('/api/echo');

    server.expireAccess();
    const hold = server.hold('/api/refresh-token');
    const other = instance.get('/api/test-get');
    await hold.arrived;
    const second = errorOf(instance.get('/api/slow', { signal: waiting.signal }));
    await flush(server);
    waiting.abort();
    expect((await second).code).toBe('ERR_CANCELED');
    hold.release();
    expect((await other).status).toBe(200);
    await flush(server);
    expect(server.sent('/api/slow')).toEqual([]);
  });
});
