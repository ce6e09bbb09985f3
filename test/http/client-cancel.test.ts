import { createClient } from 'sluice';
import { finalize, firstValueFrom, take, type Subscription } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn, flush, instanceOn, paths, sessionOn, type Echo } from './fixture.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
const auth = useAuthServer();

describe.each(adapters)('unsubscribing from a client’s request with the %s adapter', (adapter) => {
  const app = () => appOn(auth.server, { adapter });

  it('in the tick of subscribing sends nothing', async () => {
    const { api } = app();
    record(api.get('/api/echo')).unsubscribe();
    await flush(auth.server);
    expect(paths(auth.server)).toEqual([]);
  });

  it('in the tick of subscribing sends nothing over an open connection', async () => {
    const { api } = app();
    await firstValueFrom(api.get('/api/test-get'));
    record(api.get('/api/echo')).unsubscribe();
    record(api.post('/api/echo', { a: 1 })).unsubscribe();
    await flush(auth.server);
    expect(paths(auth.server)).toEqual(['/api/test-get']);
  });

  it('in the tick of subscribing sends nothing without a session either', async () => {
    const api = createClient({ baseURL: auth.server.url, adapter });
    record(api.get('/public/echo')).unsubscribe();
    await flush(auth.server);
    expect(paths(auth.server)).toEqual([]);
  });

  it('in an asynchronous interceptor sends nothing', async () => {
    const instance = instanceOn(auth.server, adapter);
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const entered = vi.fn();
    instance.interceptors.request.use(async (config) => {
      entered();
      await gate;
      return config;
    });
    const api = createClient({ axios: instance, session: sessionOn(auth.server).session });
    const recording = record(api.get('/api/echo'));
    await waitFor(() => {
      expect(entered).toHaveBeenCalledOnce();
    });
    recording.unsubscribe();
    open();
    await flush(auth.server);
    expect(paths(auth.server)).toEqual([]);
  });

  it('in flight closes the connection, emits nothing, and runs finalizers once', async () => {
    const { api } = app();
    const hold = auth.server.hold('/api/echo');
    const finalizer = vi.fn();
    const recording = record(api.get('/api/echo').pipe(finalize(finalizer)));
    await hold.arrived;
    recording.unsubscribe();
    expect(finalizer).toHaveBeenCalledOnce();
    const [request] = await auth.server.closed('/api/echo');
    expect(request).toMatchObject({ closedEarly: true });
    expect(recording.events).toEqual([]);
    expect(finalizer).toHaveBeenCalledOnce();
  });

  it('while the body is received closes the connection', async () => {
    const { api } = app();
    const onDownloadProgress = vi.fn();
    const recording = record(api.get('/api/stream?chunks=endless', { onDownloadProgress }));
    await waitFor(() => {
      expect(onDownloadProgress).toHaveBeenCalled();
    });
    recording.unsubscribe();
    await auth.server.closed('/api/stream');
    expect(recording.events).toEqual([]);
  });

  it('in the body factory sends nothing', async () => {
    const { api } = app();
    const subscription: Subscription = api
      .post('/api/echo', () => {
        subscription.unsubscribe();
        return 'body';
      })
      .subscribe();
    await flush(auth.server);
    expect(subscription.closed).toBe(true);
    expect(auth.server.sent('/api/echo')).toEqual([]);
  });

  it('affects one of two subscriptions only', async () => {
    const { api } = app();
    const hold = auth.server.hold('/api/echo');
    const users$ = api.get<Echo>('/api/echo');
    const left = record(users$);
    await hold.arrived;
    const stayed = record(users$);
    await hold.waiting(2);
    left.unsubscribe();
    await auth.server.closed('/api/echo');
    hold.release();
    expect(await stayed.outcome).toMatchObject({ kind: 'complete', values: [{ path: '/api/echo' }] });
    expect(auth.server.requests.map(({ closedEarly }) => closedEarly)).toEqual([true, false]);
  });

  it('while it waits for a refresh prevents its send; the refresh goes on and serves the others', async () => {
    const { api, session } = app();
    auth.server.expireAccess();
    const refresh = auth.server.hold('/api/refresh-token');
    const stays = record(api.get('/api/echo?who=stays'));
    await refresh.arrived;
    const refused = record(api.get('/api/echo?who=stays-too'));
    const leaves = record(api.get('/api/echo?who=leaves'));
    await flush(auth.server);
    leaves.unsubscribe();
    refresh.release();
    expect(await stays.outcome).toMatchObject({ kind: 'complete', values: [{ generation: 2 }] });
    expect(await refused.outcome).toMatchObject({ kind: 'complete', values: [{ generation: 2 }] });
    await flush(auth.server);
    expect(auth.server.sent('/api/echo?who=leaves')).toEqual([]);
    expect(auth.server.refreshes).toHaveLength(1);
    expect(session.state).toMatchObject({ status: 'signed-in', generation: 2 });
  });

  it('from the only waiting request lets the refresh finish', async () => {
    const { api, session } = app();
    auth.server.expireAccess();
    const refresh = auth.server.hold('/api/refresh-token');
    const recording = record(api.get('/api/echo'));
    await refresh.arrived;
    recording.unsubscribe();
    refresh.release();
    await auth.server.answered('/api/refresh-token');
    await waitFor(() => {
      expect(session.state).toMatchObject({ status: 'signed-in', generation: 2 });
    });
    await flush(auth.server);
    expect(paths(auth.server)).toEqual(['/api/echo', '/api/refresh-token']);
    expect(auth.server.refreshes[0]?.request.closedEarly).toBe(false);
  });

  it('between the refresh and the resend prevents the resend', async () => {
    const { api, session } = app();
    auth.server.expireAccess();
    const recording = record(api.get('/api/echo'));
    session.events$.subscribe(({ type }) => {
      if (type === 'refresh-succeeded') recording.unsubscribe();
    });
    await auth.server.answered('/api/refresh-token');
    await flush(auth.server);
    expect(paths(auth.server)).toEqual(['/api/echo', '/api/refresh-token']);
  });

  it('inside a listener of `request-resent` prevents the resend', async () => {
    const { api, session } = app();
    auth.server.expireAccess();
    const make = vi.fn(() => 'body');
    const recording = record(api.post('/api/echo', make));
    session.events$.subscribe(({ type }) => {
      if (type === 'request-resent') recording.unsubscribe();
    });
    await auth.server.answered('/api/refresh-token');
    await flush(auth.server);
    expect(paths(auth.server)).toEqual(['/api/echo', '/api/refresh-token']);
    // The body factory is not called for the resend: it might open a file that nothing would read.
    expect(make).toHaveBeenCalledTimes(1);
  });

  it('during the resend closes its connection', async () => {
    const { api } = app();
    auth.server.expireAccess();
    const hold = auth.server.hold(({ path, tokenState }) => path === '/api/echo' && tokenState === 'valid');
    const recording = record(api.get('/api/echo'));
    await hold.arrived;
    recording.unsubscribe();
    await auth.server.closed('/api/echo');
    expect(auth.server.requests.map(({ path, closedEarly }) => [path, closedEarly])).toEqual([
      ['/api/echo', false],
      ['/api/refresh-token', false],
      ['/api/echo', true],
    ]);
    expect(recording.events).toEqual([]);
  });

  it('in a response interceptor prevents the emission', async () => {
    const instance = instanceOn(auth.server, adapter);
    const api = createClient({ axios: instance, session: sessionOn(auth.server).session });
    const left = new Promise<void>((resolve) => {
      instance.interceptors.response.use((response) => {
        recording.unsubscribe();
        resolve();
        return response;
      });
    });
    const recording = record(api.get('/api/echo'));
    await left;
    await flush(auth.server);
    expect(recording.expectOneOutcome()).toEqual({ kind: 'unsubscribed', values: [] });
    expect(recording.events).toEqual([]);
  });

  it('aborts no signal of a request that has ended', async () => {
    const signals: AbortSignal[] = [];
    const instance = instanceOn(auth.server, adapter);
    instance.interceptors.request.use((config) => {
      signals.push(config.signal as AbortSignal);
      return config;
    });
    const api = createClient({ axios: instance, session: sessionOn(auth.server).session });
    await firstValueFrom(api.get('/api/echo'));
    await firstValueFrom(api.get('/api/echo').pipe(take(1)));
    await record(api.get('/api/status/500')).outcome;
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false]);
  });
});
