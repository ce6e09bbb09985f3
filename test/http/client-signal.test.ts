import { createClient } from 'sluice';
import axios, { type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { getEventListeners } from 'node:events';
import { firstValueFrom, forkJoin, Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn, errorOf, flush, instanceOn, paths, sessionOn } from './fixture.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
const auth = useAuthServer();
const reason = new Error('the page was left');

describe.each(adapters)('a signal of a client’s request, with the %s adapter,', (adapter) => {
  const app = () => appOn(auth.server, { adapter });

  it('runs no interceptor and sends nothing when it is already aborted', async () => {
    const instance = instanceOn(auth.server, adapter);
    const interceptor = vi.fn((config: InternalAxiosRequestConfig) => config);
    instance.interceptors.request.use(interceptor);
    const api = createClient({ axios: instance, session: sessionOn(auth.server).session });
    const error = await errorOf(api.get('/api/echo', { signal: AbortSignal.abort(reason) }));
    expect(axios.isCancel(error)).toBe(true);
    expect(error).toMatchObject({ code: 'ERR_CANCELED', cause: reason });
    await flush(auth.server);
    expect(interceptor).not.toHaveBeenCalled();
    expect(paths(auth.server)).toEqual([]);
  });

  it.each([
    ['the client', (signal: AbortSignal) => appOn(auth.server, { adapter, signal }).api],
    [
      'its instance',
      (signal: AbortSignal) => {
        const instance = instanceOn(auth.server, adapter);
        instance.defaults.signal = signal;
        return createClient({ axios: instance, session: sessionOn(auth.server).session });
      },
    ],
  ])('aborts requests from the defaults of %s, unless a request has its own', async (_, clientOn) => {
    const controller = new AbortController();
    const api = clientOn(controller.signal);
    const hold = auth.server.hold('/api/echo');
    const failed = errorOf(api.get('/api/echo'));
    await hold.arrived;
    controller.abort(reason);
    expect(await failed).toMatchObject({ code: 'ERR_CANCELED', cause: reason });
    expect(await errorOf(api.get('/api/echo'))).toMatchObject({ code: 'ERR_CANCELED', cause: reason });
    const own = new AbortController();
    expect(await firstValueFrom(api.get('/public/echo', { signal: own.signal }))).toMatchObject({ method: 'GET' });
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    await auth.server.closed('/api/echo');
  });

  it('aborts a request in flight with an error whose cause is its reason', async () => {
    const { api } = app();
    const hold = auth.server.hold('/api/echo');
    const controller = new AbortController();
    const failed = errorOf(api.get('/api/echo', { signal: controller.signal }));
    await hold.arrived;
    controller.abort(reason);
    const error = await failed;
    expect(axios.isCancel(error)).toBe(true);
    // `cause` is not enumerable, as on the platform's own errors, so that loggers leave it out.
    expect(Object.getOwnPropertyDescriptor(error, 'cause')).toEqual({
      value: reason,
      enumerable: false,
      configurable: true,
      writable: true,
    });
    await auth.server.closed('/api/echo');
  });

  it.each(['schema', 'response interceptor'])(
    'aborts while an asynchronous %s handles the response',
    async (worker) => {
      const end$ = new Subject<void>();
      const works = vi.fn(async (value: unknown): Promise<unknown> => {
        await firstValueFrom(end$);
        return value;
      });
      const instance = instanceOn(auth.server, adapter);
      if (worker !== 'schema')
        instance.interceptors.response.use(works as (value: AxiosResponse) => Promise<AxiosResponse>);
      const validate = async (value: unknown) => ({ value: await works(value) });
      const schema = { '~standard': { version: 1, vendor: 'test', validate } } as const;
      const api = createClient({ axios: instance, session: sessionOn(auth.server).session });
      const controller = new AbortController();
      const { signal } = controller;
      const recording = record(api.get('/api/echo', worker === 'schema' ? { signal, schema } : { signal }));
      await waitFor(() => expect(works).toHaveBeenCalled());
      controller.abort(reason);
      expect(await recording.outcome).toMatchObject({ kind: 'error', error: { code: 'ERR_CANCELED', cause: reason } });
      end$.next();
      await flush(auth.server);
      expect(recording.expectOneOutcome()).toMatchObject({ kind: 'error', values: [] });
    },
  );

  it('ends a waiting request at once; it is never sent, and the others are served', async () => {
    const { api } = app();
    auth.server.expireAccess();
    const refresh = auth.server.hold('/api/refresh-token');
    const first = record(api.get('/api/echo'));
    await refresh.arrived;
    const controller = new AbortController();
    const failed = errorOf(api.get('/api/test-get', { signal: controller.signal }));
    await flush(auth.server);
    controller.abort(reason);
    expect(await failed).toMatchObject({ code: 'ERR_CANCELED', cause: reason });
    refresh.release();
    expect(await first.outcome).toMatchObject({ kind: 'complete' });
    await flush(auth.server);
    expect(auth.server.sent('/api/test-get')).toEqual([]);
  });

  it('ends a request that waits after its 401', async () => {
    const { api } = app();
    auth.server.expireAccess();
    const refresh = auth.server.hold('/api/refresh-token');
    const controller = new AbortController();
    const failed = errorOf(api.get('/api/echo', { signal: controller.signal }));
    await refresh.arrived;
    controller.abort(reason);
    expect(await failed).toMatchObject({ code: 'ERR_CANCELED', cause: reason });
    refresh.release();
    await auth.server.answered('/api/refresh-token');
    await flush(auth.server);
    expect(paths(auth.server)).toEqual(['/api/echo', '/api/refresh-token']);
  });

  it('from AbortSignal.timeout() gives a timeout, not a cancellation: in flight, while waiting and beforehand', async () => {
    const { api } = app();
    const hold = auth.server.hold('/api/echo');
    const onWire = await errorOf(api.get('/api/echo', { signal: AbortSignal.timeout(30) }));
    expect(onWire).toMatchObject({ code: 'ETIMEDOUT', isAxiosError: true, cause: { name: 'TimeoutError' } });
    expect(onWire.message).toBe('The signal timed out');
    expect(axios.isCancel(onWire)).toBe(false);
    hold.release();

    auth.server.expireAccess();
    const refresh = auth.server.hold('/api/refresh-token');
    const first = record(api.get('/api/echo'));
    await refresh.arrived;
    const over = AbortSignal.timeout(30);
    expect(await errorOf(api.get('/api/test-get', { signal: over }))).toMatchObject({ code: 'ETIMEDOUT' });
    expect(await errorOf(api.get('/api/test-get', { signal: over }))).toMatchObject({ code: 'ETIMEDOUT' });
    refresh.release();
    await first.outcome;
  });

  it('has no effect after the end, and its listener is removed', async () => {
    const { api } = app();
    const controller = new AbortController();
    const { signal } = controller;
    const hold = auth.server.hold('/api/echo');
    const recording = record(api.get('/api/echo', { signal }));
    await hold.arrived;
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    hold.release();
    await recording.outcome;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    controller.abort(reason);
    await flush(auth.server);
    expect(recording.expectOneOutcome().kind).toBe('complete');
  });

  it('works beside unsubscribing, which gives no error', async () => {
    const { api } = app();
    const hold = auth.server.hold('/api/echo');
    const controller = new AbortController();
    const recording = record(api.get('/api/echo', { signal: controller.signal }));
    await hold.arrived;
    recording.unsubscribe();
    controller.abort(reason);
    await auth.server.closed('/api/echo');
    expect(recording.expectOneOutcome()).toEqual({ kind: 'unsubscribed', values: [] });
    expect(controller.signal.reason).toBe(reason);
  });

  it('aborts both requests that it is given to', async () => {
    const { api } = app();
    const hold = auth.server.hold('/api/echo');
    const controller = new AbortController();
    const failed = [1, 2].map(() => errorOf(api.get('/api/echo', { signal: controller.signal })));
    await hold.waiting(2);
    controller.abort(reason);
    for (const error of await Promise.all(failed)) expect(error.cause).toBe(reason);
    await auth.server.closed('/api/echo', 2);
  });

  it('may be null: the token is sent', async () => {
    const { api } = app();
    await firstValueFrom(api.get('/api/echo', { signal: null as never }));
    expect(auth.server.sent('/api/echo')).toMatchObject([{ generation: 1 }]);
  });

  it('aborts a request without a session', async () => {
    const api = createClient({ baseURL: auth.server.url, adapter });
    const hold = auth.server.hold('/public/echo');
    const controller = new AbortController();
    const failed = errorOf(api.get('/public/echo', { signal: controller.signal }));
    await hold.arrived;
    controller.abort(reason);
    expect(await failed).toMatchObject({ code: 'ERR_CANCELED', cause: reason });
    await auth.server.closed('/public/echo');
  });
});

describe.each(adapters)('axios’s older cancel token, with the %s adapter,', (adapter) => {
  const app = () => appOn(auth.server, { adapter });

  it('aborts a request in flight', async () => {
    const { api } = app();
    const hold = auth.server.hold('/api/echo');
    const source = axios.CancelToken.source();
    const failed = errorOf(api.get('/api/echo', { cancelToken: source.token }));
    await hold.arrived;
    source.cancel('enough');
    expect(axios.isCancel(await failed)).toBe(true);
    await auth.server.closed('/api/echo');
  });

  it('ends a waiting request at once, which is never sent', async () => {
    const { api } = app();
    auth.server.expireAccess();
    const refresh = auth.server.hold('/api/refresh-token');
    const first = record(api.get('/api/echo'));
    await refresh.arrived;
    const source = axios.CancelToken.source();
    const failed = errorOf(api.get('/api/test-get', { cancelToken: source.token }));
    await flush(auth.server);
    source.cancel('enough');
    expect(await failed).toMatchObject({ code: 'ERR_CANCELED', message: 'enough' });
    refresh.release();
    await first.outcome;
    await flush(auth.server);
    expect(auth.server.sent('/api/test-get')).toEqual([]);
  });

  it('sends nothing when it is cancelled in the tick of the request', async () => {
    const { api } = app();
    const source = axios.CancelToken.source();
    const failed = errorOf(api.get('/api/echo', { cancelToken: source.token }));
    source.cancel('enough');
    expect(axios.isCancel(await failed)).toBe(true);
    await flush(auth.server);
    expect(auth.server.sent('/api/echo')).toEqual([]);
  });

  it('loses the listeners of requests that have waited', async () => {
    const { api } = app();
    const { token } = axios.CancelToken.source();
    auth.server.expireAccess();
    await firstValueFrom(forkJoin([1, 2, 3].map(() => api.get('/api/echo', { cancelToken: token }))));
    expect((token as { _listeners?: unknown[] })._listeners ?? []).toEqual([]);
  });

  it('has no effect when it is never used', async () => {
    const source = axios.CancelToken.source();
    expect(await firstValueFrom(app().api.get('/api/echo', { cancelToken: source.token }))).toBeDefined();
  });
});
