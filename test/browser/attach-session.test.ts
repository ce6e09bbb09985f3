import { attachSession, SessionExpiredError, withoutSession } from 'sluice';
import axios, { type AxiosInstance } from 'axios';
import { describe, expect, it } from 'vitest';
import { errorOf, type Echo } from '../http/fixture.ts';
import { adapters, sessionOn, typesOf, type AdapterName, type SessionSetup } from './app.ts';
import { useServer } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';

failOnUnhandled();
const use = useServer();

async function attached(adapter: AdapterName): Promise<SessionSetup & { instance: AxiosInstance; detach: () => void }> {
  const setup = await sessionOn(use.server);
  const instance = axios.create({ baseURL: use.server.url, adapter });
  return { ...setup, instance, detach: attachSession(instance, setup.session) };
}

describe.each(adapters)('over %s', (adapter) => {
  it('a herd of promise code waits for one refresh and resolves with the new token', async () => {
    const { server } = use;
    const { instance, refresh } = await attached(adapter);
    await server.expireAccess();

    const answers = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map((n) => instance.post<Echo>('/api/echo', { n }).then(({ data }) => data)),
    );

    expect(answers.map(({ text, generation }) => [text, generation])).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map((n) => [`{"n":${n}}`, 2]),
    );
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(await server.refreshes()).toMatchObject([{ outcome: 'issued' }]);
  });

  it('interceptors run once a request, and see no 401 that a refresh resolves', async () => {
    const { server } = use;
    const { instance } = await attached(adapter);
    const seen: (string | number)[] = [];
    instance.interceptors.request.use((config) => {
      seen.push('request');
      return config;
    });
    instance.interceptors.response.use(
      (response) => {
        seen.push(response.status);
        return response;
      },
      (error: unknown) => {
        seen.push('error');
        throw error;
      },
    );
    await server.expireAccess();

    await instance.get('/api/echo');

    expect(seen).toEqual(['request', 200]);
    expect(await server.sent('/api/echo')).toHaveLength(2);
  });

  it('all requests reject alike when the refresh is refused, and no rejection is unhandled', async () => {
    const { server } = use;
    const { instance, session, events } = await attached(adapter);
    await server.expireAccess();
    await server.revokeFamily();

    const errors = await Promise.all(['/api/a', '/api/b', '/api/c'].map((path) => errorOf(instance.get(path))));

    for (const error of errors) expect(error).toBeInstanceOf(SessionExpiredError);
    expect(session.state.status).toBe('signed-out');
    expect(typesOf(events).filter((type) => type === 'signed-out')).toHaveLength(1);
  });

  it('a signal ends the wait for the refresh, and nothing more is sent', async () => {
    const { server } = use;
    const { instance, session } = await attached(adapter);
    await server.expireAccess();
    const refreshing = await server.hold('/api/refresh-token');
    const controller = new AbortController();
    const waits = errorOf(instance.get('/api/waits', { signal: controller.signal }));
    await refreshing.waiting(1);

    controller.abort();

    expect(await waits).toMatchObject({ code: 'ERR_CANCELED' });
    await refreshing.release();
    await expect.poll(() => session.state.generation).toBe(2);
    await server.flush();
    expect(await server.sent('/api/waits')).toHaveLength(1);
  });

  it('a signal aborts a request on the wire', async () => {
    const { server } = use;
    const { instance } = await attached(adapter);
    const held = await server.hold('/api/held');
    const controller = new AbortController();
    const request = errorOf(instance.get('/api/held', { signal: controller.signal }));
    await held.waiting(1);

    controller.abort();

    expect(await request).toMatchObject({ code: 'ERR_CANCELED' });
    await server.closed('/api/held');
    await held.release();
  });

  it('a request with withoutSession(), and one after detaching, sends no token and gets its own 401', async () => {
    const { server } = use;
    const { instance, detach, refresh } = await attached(adapter);

    const without = await errorOf(instance.get('/api/echo', withoutSession()));
    detach();
    const after = await errorOf(instance.get('/api/echo'));

    expect([without.status, after.status]).toEqual([401, 401]);
    expect((await server.sent()).map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
    expect(refresh).not.toHaveBeenCalled();
  });
});
