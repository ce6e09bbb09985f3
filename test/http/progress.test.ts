import axios, { AxiosError, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios';
import { createClient, createSession, memoryStore } from 'sluice';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Listener } from '../support/listener.ts';
import { startPacedServer } from '../support/paced-server.ts';
import { describeProgress } from '../support/progress-tests.ts';
import { record } from '../support/recorder.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters } from './fixture.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
let server: Listener;
beforeEach(async () => {
  server = await startPacedServer();
});
afterEach(() => server.close());

for (const adapter of adapters) describeProgress(adapter, () => server.url, true);

it('progress of a send that was refused is not emitted after its resend has begun', async () => {
  const sends: InternalAxiosRequestConfig[] = [];
  const adapter: AxiosAdapter = (config) => {
    sends.push(config);
    const response = { status: 401, statusText: '', headers: {}, data: '', config };
    return sends.length === 1
      ? Promise.reject(new AxiosError('', AxiosError.ERR_BAD_REQUEST, config, null, response))
      : new Promise(() => undefined);
  };
  const session = createSession({
    store: memoryStore({ accessToken: 'dead', refreshToken: 'r' }),
    refresh: () => Promise.resolve({ accessToken: 'fresh' }),
  });
  const onUploadProgress = vi.fn();
  const api = createClient({ baseURL: 'https://api.example.com', session, adapter });
  const events = record(api.post('/', 'body', { observe: 'events', onUploadProgress }));
  await waitFor(() => {
    expect(sends).toHaveLength(2);
  });
  const tell = (send: number, loaded: number): void => {
    const progress = { loaded, total: 100, bytes: loaded, lengthComputable: true, progress: loaded / 100 };
    sends[send]?.onUploadProgress?.({ ...progress, rate: 10, estimated: (100 - loaded) / 10 });
  };
  tell(0, 90);
  tell(1, 20);
  tell(0, 100);

  expect(events.values).toEqual([
    { type: 'sent', attempt: 1 },
    { type: 'sent', attempt: 2 },
    { type: 'uploadProgress', loaded: 20, total: 100, rate: 10, estimated: 8 },
  ]);
  // axios itself calls the caller's own callback, also for the send that was refused.
  expect(onUploadProgress.mock.calls.map(([event]) => (event as { loaded: number }).loaded)).toEqual([90, 20, 100]);
  events.unsubscribe();
});

it('progress callbacks in the defaults of an instance are called while events are observed', async () => {
  const onDownloadProgress = vi.fn();
  const adapter: AxiosAdapter = async (config) => {
    config.onDownloadProgress?.({ loaded: 7, bytes: 7, lengthComputable: false });
    return { status: 200, statusText: '', headers: {}, data: 'a', config };
  };
  const api = createClient({ axios: axios.create({ adapter, onDownloadProgress }) });
  const events = record(api.get('https://api.example.com/', { observe: 'events' }));
  await events.outcome;
  expect(events.values[1]).toEqual({ type: 'downloadProgress', loaded: 7 });
  expect(onDownloadProgress).toHaveBeenCalledOnce();
});

it('progress of a request that was unsubscribed is not emitted', async () => {
  let sent: InternalAxiosRequestConfig | undefined;
  const adapter: AxiosAdapter = (config) => {
    sent = config;
    return new Promise(() => undefined);
  };
  const api = createClient({ axios: axios.create({ adapter }) });
  const events = record(api.get('https://api.example.com/', { observe: 'events' }));
  await waitFor(() => {
    expect(sent).toBeDefined();
  });
  events.unsubscribe();
  sent?.onDownloadProgress?.({ loaded: 7, bytes: 7, lengthComputable: false });
  expect(events.values).toEqual([{ type: 'sent', attempt: 1 }]);
  events.expectOneOutcome();
});
