import { describe, expect, it } from 'vitest';
import type { AxiosError } from 'axios';
import { errorOf } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { adapters, appOn } from './app.ts';
import { useServer } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';

failOnUnhandled();
const use = useServer();

describe.each(adapters)('over %s', (adapter) => {
  it('a signal aborts a request on the wire, and its reason is the cause of the error', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    const held = await server.hold('/api/held');
    const controller = new AbortController();
    const request = record(api.get('/api/held', { signal: controller.signal }));
    await held.waiting(1);

    const reason = new Error('closed the tab');
    controller.abort(reason);

    expect(await request.outcome).toMatchObject({
      kind: 'error',
      error: { name: 'CanceledError', code: 'ERR_CANCELED', cause: reason },
    });
    await server.closed('/api/held');
    request.expectOneOutcome();
  });

  it('a signal that is aborted already sends nothing', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);

    const error = await errorOf(api.get('/api/echo', { signal: AbortSignal.abort('no') }));

    expect(error).toMatchObject({ name: 'CanceledError', code: 'ERR_CANCELED', cause: 'no' });
    await server.flush();
    expect(await server.sent()).toEqual([]);
  });

  it('a signal ends the wait for a refresh at once; the refresh goes on', async () => {
    const { server } = use;
    const { api, session } = await appOn(server, adapter);
    await server.expireAccess();
    const refreshing = await server.hold('/api/refresh-token');
    const controller = new AbortController();
    const request = record(api.get('/api/waits', { signal: controller.signal }));
    await refreshing.waiting(1);

    controller.abort();

    expect(await request.outcome).toMatchObject({ kind: 'error', error: { code: 'ERR_CANCELED' } });
    await refreshing.release();
    await expect.poll(() => session.state.generation).toBe(2);
    await server.flush();
    expect(await server.sent('/api/waits')).toHaveLength(1);
  });

  it('AbortSignal.timeout() ends a request with ETIMEDOUT and closes the connection', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    const held = await server.hold('/api/held');

    const error = await errorOf(api.get('/api/held', { signal: AbortSignal.timeout(100) }));

    expect(error).toMatchObject({ code: 'ETIMEDOUT', cause: { name: 'TimeoutError' } });
    await server.closed('/api/held');
    await held.release();
  });

  it('a timeout ends a request with ETIMEDOUT and closes the connection', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    const held = await server.hold('/api/held');

    const error = await errorOf(api.get('/api/held', { timeout: 200 }));

    expect(error).toMatchObject({ name: 'AxiosError', code: 'ETIMEDOUT' });
    expect(error.response).toBeUndefined();
    await server.closed('/api/held');
    await held.release();
  });

  it('the timeout of a request does not count the wait for a refresh', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    await server.expireAccess();
    const refreshing = await server.hold('/api/refresh-token');
    const timeout = 400;
    const request = record(api.get('/api/waits', { timeout }));
    await refreshing.waiting(1);

    // Meanwhile another request of the same length outlasts its timeout.
    const held = await server.hold('/api/held');
    await errorOf(api.get('/api/held', { timeout, session: false }));
    await Promise.all([held.release(), refreshing.release()]);

    expect((await request.outcome).kind).toBe('complete');
  });

  it('errors of the server are axios errors, and the session stays as it is', async () => {
    const { server } = use;
    const { api, refresh } = await appOn(server, adapter);

    const { name, code, status, response } = await errorOf(api.get<{ status: number }>('/api/status/503'));
    const missing = await errorOf(api.get('/missing'));

    expect({ name, code, status, body: response?.data }).toEqual({
      name: 'AxiosError',
      code: 'ERR_BAD_RESPONSE',
      status: 503,
      body: { status: 503 },
    });
    expect(missing).toMatchObject({ name: 'AxiosError', code: 'ERR_BAD_REQUEST', status: 404 });
    expect(refresh).not.toHaveBeenCalled();
  });

  it('a connection that breaks is ERR_NETWORK without a response', async () => {
    const { server } = use;
    const { api, refresh, session } = await appOn(server, adapter);
    await server.offline();

    const error: AxiosError = await errorOf(api.get('/api/echo'));

    expect(error).toMatchObject({ name: 'AxiosError', code: 'ERR_NETWORK' });
    expect(error.response).toBeUndefined();
    expect(refresh).not.toHaveBeenCalled();
    expect(session.state.status).toBe('signed-in');
  });

  it('the error of a response with an error status carries no token in its config', async () => {
    const { server } = use;
    const { api, session } = await appOn(server, adapter);
    const { accessToken } = session.state.tokens!;

    const error = await errorOf(api.get('/api/status/500'));

    expect(JSON.stringify([error.config, error.response?.config, error.message])).not.toContain(accessToken);
    expect(String(error.config?.headers)).not.toContain(accessToken);
  });
});
