import { attachSession, createClient } from 'sluice';
import axios, { type AxiosError, type AxiosInstance } from 'axios';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, sessionOn } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

/** Sends again with the same config, whose body is transformed already, as axios-retry does. */
function retry(instance: AxiosInstance): void {
  let tries = 0;
  instance.interceptors.response.use(undefined, (error: AxiosError) => {
    if (!error.config || ++tries > 2) throw error;
    error.config.transformRequest = [(data: unknown) => data];
    return instance.request(error.config);
  });
}

describe.each(adapters)('a body factory, with the %s adapter,', (adapter) => {
  const ways: Record<string, (instance: AxiosInstance, url: string, data: unknown) => Promise<unknown>> = {
    'an attached instance': (instance, url, data) => {
      attachSession(instance, sessionOn(auth.server).session);
      return instance.post(url, data);
    },
    'a client': (instance, url, data) => {
      const api = createClient({ axios: instance, session: sessionOn(auth.server).session });
      return firstValueFrom(api.post(url, data));
    },
    'a client, for a request that brings credentials,': (instance, url, data) => {
      const api = createClient({ axios: instance, session: sessionOn(auth.server).session });
      return firstValueFrom(api.post(url, data, { headers: { Authorization: 'none' } }));
    },
  };
  it.each(Object.entries(ways))('works when a retry of %s removes the transforms', async (_way, send) => {
    let failures = 2;
    auth.server.route('/public/flaky', () => (failures-- > 0 ? { status: 503 } : { body: 'done' }));
    const instance = axios.create({ baseURL: auth.server.url, adapter });
    retry(instance);
    let made = 0;
    await send(instance, '/public/flaky', () => ({ body: ++made }));
    expect(auth.server.requests.map(({ headers, body }) => [headers['content-type'], body.toString()])).toEqual([
      ['application/json', '{"body":1}'],
      ['application/json', '{"body":2}'],
      ['application/json', '{"body":3}'],
    ]);
  });
});
