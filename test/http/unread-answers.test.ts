import axios, { type AxiosAdapter, AxiosError } from 'axios';
import { toArray, firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { pause } from '../support/real-time.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

const path = '/public/feed';

describe.each(adapters)('with the %s adapter, the stream of a 401', (adapter) => {
  /** The feed answers `status` and never ends. */
  const feed = (status: () => number): void => {
    auth.server.route(path, (_request, closing) => ({ status: status(), body: endless(closing) }));
  };
  const app = (refresh?: () => Promise<never>) =>
    appOn(auth.server, { adapter, responseType: 'stream', ...(refresh && { sessionOptions: { refresh } }) });

  it('is closed when the request is sent again', async () => {
    let sends = 0;
    feed(() => (++sends === 1 ? 401 : 200));
    const { api } = app();
    const events = record(api.get(path, { observe: 'events' }));
    await auth.server.closed(path, 1);
    await auth.server.arrived(path, 2);
    await events.outcome;
    expect(auth.server.sent(path).map(({ closedEarly }) => closedEarly)).toEqual([true, false]);
  });

  it('is closed when the refresh fails', async () => {
    feed(() => 401);
    const { api } = app(() => Promise.reject(new Error('offline')));
    expect((await record(api.get(path)).outcome).kind).toBe('error');
    await auth.server.closed(path, 1);
    expect(auth.server.sent(path)).toMatchObject([{ closedEarly: true }]);
  });

  it('is closed before the response of the refresh arrives', async () => {
    feed(() => 401);
    const { api } = app(() => new Promise(() => undefined));
    const recording = record(api.get(path));
    await auth.server.closed(path, 1);
    expect(auth.server.sent(path)).toMatchObject([{ closedEarly: true }]);
    expect(recording.settled).toBeUndefined();
    recording.unsubscribe();
  });

  it('is closed when the adapter throws the 401 as an error', async () => {
    feed(() => 401);
    const { api } = app(() => Promise.reject(new Error('offline')));
    const throwing: AxiosAdapter = async (config) => {
      const response = await axios.getAdapter(adapter)({ ...config, validateStatus: null });
      throw new AxiosError('refused', AxiosError.ERR_BAD_REQUEST, config, response.request, response);
    };
    expect((await record(api.get(path, { adapter: throwing })).outcome).kind).toBe('error');
    await auth.server.closed(path, 1);
    expect(auth.server.sent(path)).toMatchObject([{ closedEarly: true }]);
  });

  it('is left to the caller when the 401 is delivered', async () => {
    feed(() => 401);
    const { api, session } = app();
    void session.signOut();
    const [response] = await firstValueFrom(
      api.get<AsyncIterable<Uint8Array>>(path, { observe: 'response', validateStatus: () => true }).pipe(toArray()),
    );
    for await (const chunk of response?.data ?? []) {
      expect(Buffer.from(chunk).toString()).toContain('more');
      break;
    }
    await auth.server.closed(path, 1);
  });
});

async function* endless(closing: AbortSignal): AsyncGenerator<string> {
  while (!closing.aborted) {
    yield 'more\n';
    await pause(5, closing);
  }
}
