import { attachSession } from 'sluice';
import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { appOn, errorOf, instanceOn } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { realNow } from '../support/real-time.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { errorsOf, expectOrderlyRefreshes, fetchOn, herd, outcomesOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe('Rule 5: A request causes at most one refresh and is resent at most twice', () => {
  it('makes one refresh for a request, resends it and delivers the second 401', async () => {
    const { server } = auth;
    // With an interval of 0, only the rule itself limits the refreshes.
    const { api } = appOn(server, { sessionOptions: { minRefreshIntervalMs: 0 } });
    server.route('/api/echo', () => ({ status: 401, body: { message: 'never' } }));
    const error = await errorOf(api.get('/api/echo'));
    expect(error).toMatchObject({ name: 'AxiosError', response: { status: 401, data: { message: 'never' } } });
    expect(server.refreshes).toHaveLength(1);
    expect(server.sent('/api/echo').map(({ generation }) => generation)).toEqual([1, 2]);
  });

  it('sends a request three times at most: at first, after a late 401, after the refresh that it caused', async () => {
    const { server } = auth;
    const { api, session } = appOn(server, { sessionOptions: { minRefreshIntervalMs: 0 } });
    server.expireAccess();
    const hold = server.hold('/api/echo');
    const request = record(api.get('/api/echo'));
    await hold.arrived;
    expect((await record(api.get('/api/test-get')).outcome).kind).toBe('complete'); // The current generation is now 2.
    hold.next();
    await hold.waiting(2); // The request is sent again with generation 2.
    server.expireAccess();
    hold.next(); // Its refresh brings generation 3.
    await hold.waiting(3);
    server.expireAccess();
    expect((await record(api.get('/api/test-get')).outcome).kind).toBe('complete'); // The current generation is now 4.
    hold.release();
    // This is another late 401, but the request has used up its sends.
    expect(await request.outcome).toMatchObject({ kind: 'error', error: { response: { status: 401 } } });
    expect(server.sent('/api/echo').map(({ generation }) => generation)).toEqual([1, 2, 3]);
    expect(server.refreshes).toHaveLength(3);
    expect(session.state).toMatchObject({ status: 'signed-in', generation: 4 });
    expectOrderlyRefreshes(server);
  });
});

describe('Rule 5: A server that always answers 401 sees a bounded number of refreshes, whatever the number of requests', () => {
  it('makes one refresh for a herd from clients, attached instances and operators', async () => {
    const { server } = auth;
    const { api, session } = appOn(server);
    const instance = instanceOn(server);
    attachSession(instance, session);
    server.route('/api/echo', () => ({ status: 401 }));
    const hold = server.hold('/api/echo*');
    const recordings = [
      ...herd(40, (path) => api.get(path)),
      ...herd(40, (path) => from(instance.get(path))),
      ...herd(40, fetchOn(server, session)),
    ];
    await hold.waiting(120);
    hold.release();
    const outcomes = await outcomesOf(recordings);
    expect(outcomes.slice(0, 80)).toEqual(
      Array(80).fill(expect.objectContaining({ kind: 'error', error: expect.objectContaining({ status: 401 }) })),
    );
    expect(outcomes.slice(80)).toEqual(
      Array(40).fill({ kind: 'complete', values: [expect.objectContaining({ status: 401 })] }),
    );
    expect(server.refreshes).toHaveLength(1);
    expect(server.sent('/api/echo*').length).toBeLessThanOrEqual(3 * 120);
  });

  it('makes at most one refresh in `minRefreshIntervalMs` for requests that follow each other', async () => {
    const { server } = auth;
    const minRefreshIntervalMs = 50;
    const { api } = appOn(server, { sessionOptions: { minRefreshIntervalMs } });
    server.route('/api/echo', () => ({ status: 401 }));
    const begin = realNow();
    for (let n = 0; n < 100; n += 1) expect((await errorOf(api.get('/api/echo'))).response?.status).toBe(401);
    expect(server.refreshes.length).toBeLessThanOrEqual(1 + (realNow() - begin) / minRefreshIntervalMs);
    expect(server.sent('/api/echo').length).toBeLessThanOrEqual(100 + server.refreshes.length);
  });

  it('makes one refresh for a herd when the refresh fails', async () => {
    const { server } = auth;
    const { api } = appOn(server, { sessionOptions: { refreshRetries: false } });
    server.expireAccess();
    server.refreshBehaviour('503');
    await errorsOf(herd(20, (path) => api.get(path)));
    for (let n = 0; n < 10; n += 1) expect((await errorOf(api.get('/api/echo'))).name).toBe('RefreshFailedError');
    expect(server.refreshes).toHaveLength(1);
  });

  it('makes one refresh for a herd when the refresh gives the rejected token again', async () => {
    const { server } = auth;
    const { api, session } = appOn(server);
    server.expireAccess();
    server.refreshBehaviour('same-token');
    const errors = await errorsOf(herd(10, (path) => api.get(path)));
    expect(errors).toEqual(
      Array(10).fill(expect.objectContaining({ name: 'RefreshFailedError', reason: 'same-token' })),
    );
    expect(server.refreshes).toHaveLength(1);
    expect(session.state.status).toBe('signed-in');
  });
});
