import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { flush } from '../http/fixture.ts';
import { collectGarbage } from '../support/collect-garbage.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { fetchOn, rejectionOf } from './fixture.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
const auth = useAuthServer();
const reason = new Error('enough');

/** Every way to pass a signal. */
describe.each<[string, (url: string, signal: AbortSignal) => Parameters<typeof fetch>]>([
  ['init', (url, signal) => [url, { signal }]],
  ['a Request', (url, signal) => [new Request(url, { signal })]],
  ['init, beside a Request', (url, signal) => [new Request(url, { signal: new AbortController().signal }), { signal }]],
])('Aborting a sessionFetch by the signal of %s', (_, call) => {
  it('sends nothing and starts no refresh if the signal is aborted before the call', async () => {
    const { api, refresh } = fetchOn(auth.server, {
      sessionOptions: { initial: { ...auth.server.login(), expiresAt: Date.now() - 1 } },
    });
    const rejection = api(...call(`${auth.server.url}/api/echo`, AbortSignal.abort(reason)));
    expect(await rejectionOf(rejection)).toBe(reason);
    await flush(auth.server);
    expect(auth.server.sent('/api/echo')).toEqual([]);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('starts no refresh ahead of expiry if the signal is aborted before the call', async () => {
    const { api, session, refresh } = fetchOn(auth.server, { sessionOptions: { initial: null } });
    void session.signIn({ ...auth.server.login(), expiresAt: Date.now() + 1000 });
    vi.setSystemTime(Date.now() + 950);
    onTestFinished(() => {
      vi.useRealTimers();
    });
    expect(await rejectionOf(api(...call(`${auth.server.url}/api/echo`, AbortSignal.abort(reason))))).toBe(reason);
    expect(refresh).not.toHaveBeenCalled();
    // The token is within its leeway, so a send would start a refresh.
    await api(`${auth.server.url}/api/echo`);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('while the request waits rejects at once, and the request is never sent; other requests are not affected', async () => {
    const { api } = fetchOn(auth.server);
    auth.server.expireAccess();
    const hold = auth.server.hold('/api/refresh-token');
    const other = api(`${auth.server.url}/api/echo?n=1`);
    await hold.arrived;
    const controller = new AbortController();
    const rejection = rejectionOf(api(...call(`${auth.server.url}/api/echo?n=2`, controller.signal)));
    controller.abort(reason);
    expect(await rejection).toBe(reason);
    hold.release();
    expect((await other).status).toBe(200);
    await flush(auth.server);
    expect(auth.server.sent('/api/echo?n=2')).toEqual([]);
  });

  it('while the request waits for its resend rejects at once; the refresh goes on', async () => {
    const { api, session } = fetchOn(auth.server);
    auth.server.expireAccess();
    const hold = auth.server.hold('/api/refresh-token');
    const controller = new AbortController();
    const rejection = rejectionOf(api(...call(`${auth.server.url}/api/echo`, controller.signal)));
    await hold.arrived;
    controller.abort(reason);
    expect(await rejection).toBe(reason);
    hold.release();
    await waitFor(() => {
      expect(session.state).toMatchObject({ status: 'signed-in', generation: 2 });
    });
    await flush(auth.server);
    expect(auth.server.sent('/api/echo')).toHaveLength(1);
  });

  it('inside a listener of `request-resent` prevents the resend', async () => {
    const { api, session } = fetchOn(auth.server);
    auth.server.expireAccess();
    const controller = new AbortController();
    session.events$.subscribe(({ type }) => {
      if (type === 'request-resent') controller.abort(reason);
    });
    const rejection = rejectionOf(api(...call(`${auth.server.url}/api/echo`, controller.signal)));
    expect(await rejection).toBe(reason);
    await flush(auth.server);
    expect(auth.server.sent('/api/echo')).toHaveLength(1);
  });

  it('in flight closes the connection', async () => {
    const { api } = fetchOn(auth.server);
    const hold = auth.server.hold('/api/echo');
    const controller = new AbortController();
    const rejection = rejectionOf(api(...call(`${auth.server.url}/api/echo`, controller.signal)));
    await hold.arrived;
    controller.abort(reason);
    expect(await rejection).toBe(reason);
    await auth.server.closed('/api/echo');
  });

  it('during the resend closes the connection', async () => {
    const { api } = fetchOn(auth.server);
    auth.server.expireAccess();
    const controller = new AbortController();
    auth.server.route('/api/never', () => new Promise(() => undefined));
    const rejection = rejectionOf(api(...call(`${auth.server.url}/api/never`, controller.signal)));
    await auth.server.arrived('/api/never', 2);
    controller.abort(reason);
    expect(await rejection).toBe(reason);
    await auth.server.closed('/api/never');
  });

  it('while the body is read closes the connection', async () => {
    const { api } = fetchOn(auth.server);
    auth.server.expireAccess();
    const controller = new AbortController();
    const response = await api(...call(`${auth.server.url}/api/stream?chunks=endless`, controller.signal));
    const reader = response.body!.getReader();
    await reader.read();
    controller.abort(reason);
    const readToTheEnd = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };
    expect(await rejectionOf(readToTheEnd())).toBe(reason);
    await auth.server.closed('/api/stream*');
  });
});

describe('Aborting a sessionFetch', () => {
  it.each(['abort', 'timeout'])('rejects with the reason of the signal, as `fetch` does: %s', async (kind) => {
    const { api } = fetchOn(auth.server);
    auth.server.expireAccess();
    const hold = auth.server.hold('/api/refresh-token');
    const controller = new AbortController();
    const signal = kind === 'abort' ? controller.signal : AbortSignal.timeout(20);
    const rejection = rejectionOf(api(`${auth.server.url}/api/echo`, { signal }));
    // On a busy machine the timeout may come before the refresh.
    if (kind === 'abort') await hold.arrived;
    controller.abort();
    const error = await rejection;
    expect(error).toBe(signal.reason);
    expect(error).toMatchObject({ name: kind === 'abort' ? 'AbortError' : 'TimeoutError' });
    hold.release();
  });

  it('ends the body of the response to a Request that nothing refers to any more', async () => {
    const { api } = fetchOn(auth.server);
    const controller = new AbortController();
    const { signal } = controller;
    const readerOf = async (): Promise<ReadableStreamDefaultReader> =>
      (await api(new Request(`${auth.server.url}/api/stream?chunks=endless`, { signal }))).body!.getReader();
    const reader = await readerOf();
    await collectGarbage();
    controller.abort(reason);
    const readToTheEnd = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };
    expect(await rejectionOf(readToTheEnd())).toBe(reason);
  });

  it('is not done by the signal of a Request when init has `signal: null`', async () => {
    const { api } = fetchOn(auth.server);
    const request = new Request(`${auth.server.url}/api/echo`, { signal: AbortSignal.abort(reason) });
    expect((await api(request, { signal: null })).status).toBe(200);
  });

  it('removes the listeners from a signal that lives on', async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    // Replace the platform's fetch, so that its own listeners on the signal are not counted.
    const { api } = fetchOn(auth.server, { fetch: () => Promise.resolve(new Response(null, { status: 401 })) });
    expect((await api(`${auth.server.url}/api/echo`, { signal })).status).toBe(401);
    expect(auth.server.refreshes).toHaveLength(1);
    const listeners = (spy: typeof added | typeof removed): unknown[] => spy.mock.calls.map(([, listener]) => listener);
    expect(listeners(added).length).toBeGreaterThan(0);
    expect(listeners(removed)).toEqual(listeners(added));
  });
});
