import { http, HttpResponse } from 'msw';
import { createClient, createSession, memoryStore, RefreshFailedError } from 'sluice';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import { record } from '../support/recorder.ts';
import { refreshByFetch } from '../support/refresh-by-fetch.ts';
import { adapters, appOn, typesOf } from './app.ts';
import { useServer } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';
import { useWorker } from './worker.ts';

failOnUnhandled();
const worker = useWorker();
const use = useServer();

describe.each(adapters)('over %s', (adapter) => {
  // A plain reset would not do: Chromium itself repeats a request that a kept-alive connection did not answer.
  it.each(['reset-after-headers', 'half-body', 'html', 'empty', '503', '429', '500'] as const)(
    'a broken refresh (%s) fails the request and keeps the session',
    async (behaviour) => {
      const { server } = use;
      const { api, session, events } = await appOn(server, adapter, {
        sessionOptions: { refreshRetries: false, minRefreshIntervalMs: 0 },
      });
      const { tokens } = session.state;
      await server.expireAccess();
      await server.nextRefresh(behaviour);

      const { settled } = await ended(record(api.get('/api/echo')));

      expect(settled).toMatchObject({ kind: 'error', error: expect.any(RefreshFailedError) });
      expect(session.state).toMatchObject({ status: 'signed-in', tokens, generation: 1 });
      expect(typesOf(events)).not.toContain('signed-out');
      expect((await ended(record(api.get('/api/echo')))).settled?.kind).toBe('complete');
      expect(await server.refreshes()).toHaveLength(2);
    },
  );

  it('going offline during the refresh keeps the session, which refreshes when the network is back', async () => {
    const { server } = use;
    const { api, session } = await appOn(server, adapter, { sessionOptions: { minRefreshIntervalMs: 0 } });
    await server.expireAccess();
    await server.nextRefresh('hang');
    const waiters = ['/api/a', '/api/b'].map((path) => record(api.get(path)));
    await server.answered('/api/*', 2);
    await server.arrived('/api/refresh-token');

    await server.offline(true);

    for (const { outcome } of waiters) {
      expect(await outcome).toMatchObject({
        kind: 'error',
        error: { name: 'RefreshFailedError', reason: 'unavailable' },
      });
    }
    expect(session.state.status).toBe('signed-in');
    await server.offline(false);
    expect((await record(api.get('/api/a')).outcome).kind).toBe('complete');
  });

  it('a network error during the refresh, by the same client, keeps the session', async () => {
    const { server } = use;
    let asked = 0;
    worker.use(
      http.post('https://sign-in.example/refresh', () => {
        asked += 1;
        return HttpResponse.error();
      }),
    );
    const session = createSession({
      store: memoryStore(await server.login()),
      refresh: (current, { signal }) =>
        api.post<never>('https://sign-in.example/refresh', { refreshToken: current?.refreshToken }, { signal }),
    });
    const api = createClient({ baseURL: server.url, adapter, session });
    await server.expireAccess();

    expect(await record(api.get('/api/echo')).outcome).toMatchObject({
      kind: 'error',
      error: { name: 'RefreshFailedError', reason: 'unavailable', cause: { code: 'ERR_NETWORK' } },
    });
    expect(session.state.status).toBe('signed-in');
    expect(asked).toBe(1);
  });

  describe('with a token endpoint that does not allow CORS', () => {
    let url: string;
    let isOpen = false;
    beforeEach(async () => {
      url = await commands.openClosedServer();
      isOpen = true;
    });
    afterEach(async () => {
      if (isOpen) await commands.endClosedServer(url);
    });

    it('a refresh whose preflight fails keeps the session, and presents no token', async () => {
      const { server } = use;
      const { api, session } = await appOn(server, adapter, {
        sessionOptions: { refresh: (current, { signal }) => refreshByFetch({ url }, current, signal) },
      });
      await server.expireAccess();

      expect(await record(api.get('/api/echo')).outcome).toMatchObject({
        kind: 'error',
        error: { name: 'RefreshFailedError', reason: 'unavailable' },
      });

      expect(session.state).toMatchObject({ status: 'signed-in', generation: 1 });
      isOpen = false;
      expect(await commands.endClosedServer(url)).toEqual(['OPTIONS /api/refresh-token']);
    });

    it('a request whose preflight fails is ERR_NETWORK, and starts no refresh', async () => {
      const { server } = use;
      const { api, refresh } = await appOn(server, adapter, { baseURL: url });

      expect(await record(api.get('/api/echo')).outcome).toMatchObject({
        kind: 'error',
        error: { code: 'ERR_NETWORK' },
      });

      expect(refresh).not.toHaveBeenCalled();
      isOpen = false;
      expect(await commands.endClosedServer(url)).toEqual(['OPTIONS /api/echo']);
    });
  });
});

async function ended<R extends { outcome: Promise<unknown> }>(recording: R): Promise<R> {
  await recording.outcome;
  return recording;
}
