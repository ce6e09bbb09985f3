import axios, { type AxiosRequestConfig } from 'axios';
import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { attachedOn, seen } from './attached.ts';
import { adapters, errorOf, flush } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

/** Axios's two ways to abort a request. */
const ways: Record<'signal' | 'cancelToken', () => { options: AxiosRequestConfig; cancel: () => void }> = {
  signal: () => {
    const controller = new AbortController();
    return { options: { signal: controller.signal }, cancel: () => controller.abort() };
  },
  cancelToken: () => {
    const { token, cancel } = axios.CancelToken.source();
    return { options: { cancelToken: token }, cancel: () => cancel() };
  },
};

describe.each(adapters)('cancelling on an attached instance with the %s adapter', (adapter) => {
  const app = () => attachedOn(auth.server, { adapter });

  describe.each(['signal', 'cancelToken'] as const)('a %s', (way) => {
    it('sends nothing when it comes before the call', async () => {
      const { options, cancel } = ways[way]();
      cancel();
      expect(axios.isCancel(await errorOf(app().instance.get('/api/echo', options)))).toBe(true);
      await flush(auth.server);
      expect(seen(auth.server)).toEqual([]);
    });

    it('aborts a request on the wire', async () => {
      const { instance } = app();
      const hold = auth.server.hold('/api/echo');
      const { options, cancel } = ways[way]();
      const failed = errorOf(instance.get('/api/echo', options));
      await hold.arrived;
      cancel();
      expect(await failed).toMatchObject({ name: 'CanceledError', code: 'ERR_CANCELED' });
      await auth.server.closed('/api/echo');
    });

    it('ends a waiting request at once: it is never sent, and the others are served', async () => {
      const { instance } = app();
      auth.server.expireAccess();
      const refresh = auth.server.hold('/api/refresh-token');
      const first = instance.get('/api/echo');
      await refresh.arrived;
      const { options, cancel } = ways[way]();
      const failed = errorOf(instance.get('/api/test-get', options));
      await flush(auth.server);
      cancel();
      expect(axios.isCancel(await failed)).toBe(true);
      refresh.release();
      expect((await first).status).toBe(200);
      await flush(auth.server);
      expect(auth.server.sent('/api/test-get')).toEqual([]);
    });

    it('ends a request after its 401 at once; the refresh goes on', async () => {
      const { instance, session } = app();
      auth.server.expireAccess();
      const refresh = auth.server.hold('/api/refresh-token');
      const { options, cancel } = ways[way]();
      const failed = errorOf(instance.get('/api/echo', options));
      await refresh.arrived;
      cancel();
      expect(axios.isCancel(await failed)).toBe(true);
      refresh.release();
      await auth.server.answered('/api/refresh-token');
      await flush(auth.server);
      expect(seen(auth.server)).toEqual(['/api/echo ada 1', '/api/refresh-token']);
      expect(session.state).toMatchObject({ status: 'signed-in', generation: 2 });
    });

    it('ends a request while its 401 is judged: no refresh starts', async () => {
      const { options, cancel } = ways[way]();
      const isUnauthorized = ({ status }: { status: number }): boolean => {
        cancel();
        return status === 401;
      };
      const { instance, refresh } = attachedOn(auth.server, { adapter, use: { isUnauthorized } });
      auth.server.expireAccess();
      expect(axios.isCancel(await errorOf(instance.get('/api/echo', options)))).toBe(true);
      await flush(auth.server);
      expect(refresh).not.toHaveBeenCalled();
      expect(seen(auth.server)).toEqual(['/api/echo ada 1']);
    });

    it('aborts the resend', async () => {
      const { instance } = app();
      auth.server.expireAccess();
      const hold = auth.server.hold('/api/echo');
      const { options, cancel } = ways[way]();
      const failed = errorOf(instance.get('/api/echo', options));
      await hold.arrived;
      hold.next();
      await hold.waiting(2);
      cancel();
      expect(axios.isCancel(await failed)).toBe(true);
      await auth.server.closed('/api/echo');
      hold.release();
    });

    it('changes nothing after the end of the request', async () => {
      const { instance } = app();
      const { options, cancel } = ways[way]();
      auth.server.expireAccess();
      expect((await instance.get('/api/echo', options)).status).toBe(200);
      cancel();
      await flush(auth.server);
      expect((await instance.get('/api/echo')).status).toBe(200);
    });
  });

  it('aborts all requests that share a signal, wherever they are', async () => {
    const { instance } = app();
    auth.server.expireAccess();
    const refresh = auth.server.hold('/api/refresh-token');
    const elsewhere = auth.server.hold('/public/echo');
    const { signal, abort } = abortable();
    const failed = ['/api/echo', '/public/echo'].map((path) => errorOf(instance.get(path, { signal })));
    await Promise.all([refresh.arrived, elsewhere.arrived]);
    const held = errorOf(instance.get('/api/test-get', { signal }));
    await flush(auth.server);
    abort();
    for (const error of await Promise.all([...failed, held])) expect(axios.isCancel(error)).toBe(true);
    refresh.release();
    elsewhere.release();
  });

  it('removes the listener from a signal when its request has ended', async () => {
    const { instance } = app();
    const { signal } = new AbortController();
    auth.server.expireAccess();
    const refresh = auth.server.hold('/api/refresh-token');
    const answer = instance.get('/api/echo', { signal });
    await refresh.arrived;
    expect(getEventListeners(signal, 'abort')).not.toEqual([]);
    refresh.release();
    await answer;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('by the `timeout` of a request does not count the wait for a refresh', async () => {
    const { instance } = app();
    auth.server.expireAccess();
    auth.server.delay('/api/refresh-token', 3_100);
    expect((await instance.get('/api/echo', { timeout: 3_000 })).status).toBe(200);
  });

  it('by a timeout in flight gives the error that axios makes', async () => {
    const { instance } = app();
    const holds = ['/api/echo', '/public/echo'].map((path) => auth.server.hold(path));
    const own = await errorOf(instance.get('/api/echo', { timeout: 40 }));
    const raw = await errorOf(axios.get(`${auth.server.url}/public/echo`, { adapter, timeout: 40 }));
    expect([own.name, own.code, own.message]).toEqual([raw.name, raw.code, raw.message]);
    for (const hold of holds) hold.release();
  });
});

function abortable(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
