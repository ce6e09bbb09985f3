import { createClient } from 'sluice';
import axios, { type AxiosInstance } from 'axios';
import { describe, expect, it } from 'vitest';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, flush, instanceOn, sessionOn } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

/** An instance with an interceptor that gives each request a signal of its own, as those that cancel duplicates do. */
function replacing(instance: AxiosInstance): { instance: AxiosInstance; controllers: AbortController[] } {
  const controllers: AbortController[] = [];
  instance.interceptors.request.use((config) => {
    const controller = new AbortController();
    controllers.push(controller);
    config.signal = controller.signal;
    return config;
  });
  return { instance, controllers };
}

/** Unsubscribes from a request in flight, and expects the server to see its connection closed. */
async function expectAborted(instance: AxiosInstance, options: { responseType?: 'json' | 'stream' } = {}) {
  const hold = auth.server.hold('/public/echo');
  const subscription = createClient({ axios: instance }).get('/public/echo', options).subscribe();
  await hold.arrived;
  subscription.unsubscribe();
  await waitFor(() => {
    expect(auth.server.sent('/public/echo').at(-1)?.closedEarly).toBe(true);
  });
  hold.release();
}

/** Aborts the signal of the interceptor while its request is in flight, and expects a cancellation. */
async function expectCancelled({ instance, controllers }: ReturnType<typeof replacing>) {
  const hold = auth.server.hold('/public/echo');
  const request = record(createClient({ axios: instance }).get('/public/echo'));
  await hold.arrived;
  controllers[0]?.abort();
  const outcome = await request.outcome;
  expect(outcome.kind === 'error' && axios.isCancel(outcome.error)).toBe(true);
  hold.release();
}

describe.each(adapters)('A client’s request whose signal an interceptor replaces, with the %s adapter,', (adapter) => {
  it('is never sent if it is unsubscribed while it waits', async () => {
    const { instance } = replacing(instanceOn(auth.server, adapter));
    const api = createClient({ axios: instance, session: sessionOn(auth.server).session });
    auth.server.expireAccess();
    const hold = auth.server.hold('/api/refresh-token');
    const other = record(api.get('/api/echo?n=1'));
    await hold.arrived;
    const subscription = api.get('/api/echo?n=2').subscribe();
    await flush(auth.server);
    subscription.unsubscribe();
    hold.release();
    expect((await other.outcome).kind).toBe('complete');
    await flush(auth.server);
    expect(auth.server.sent('/api/echo?n=2')).toEqual([]);
  });

  it.each(['json', 'stream'] as const)('is aborted on the wire by unsubscribing (%s)', async (responseType) => {
    await expectAborted(replacing(instanceOn(auth.server, adapter)).instance, { responseType });
  });

  it('is aborted by the interceptor’s signal as well', async () => {
    await expectCancelled(replacing(instanceOn(auth.server, adapter)));
  });

  it('is aborted by unsubscribing if the interceptor takes the signal away', async () => {
    const instance = instanceOn(auth.server, adapter);
    instance.interceptors.request.use(({ signal: _, ...config }) => config);
    await expectAborted(instance);
  });

  it('is aborted by both signals where the platform has no `AbortSignal.any`', async () => {
    const { any } = AbortSignal;
    Reflect.deleteProperty(AbortSignal, 'any');
    try {
      await expectAborted(replacing(instanceOn(auth.server, adapter)).instance);
      await expectCancelled(replacing(instanceOn(auth.server, adapter)));
    } finally {
      AbortSignal.any = any;
    }
  });
});
