import { createClient, type Client, type RequestOptions } from 'sluice';
import axios, { AxiosError } from 'axios';
import { describe, expect, it } from 'vitest';
import type { AuthServer } from '../support/auth-server.ts';
import { expectNoToken } from '../support/no-token.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn, errorOf, instanceOn, sessionOn, flush } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

type Failing = (api: Client, server: AuthServer) => ReturnType<Client['get']>;
const getting =
  (path: string, options: RequestOptions & { observe?: 'body' } = {}): Failing =>
  (api) =>
    api.get(path, options);

/** What goes wrong, and the code that it should have with every adapter. */
const failures: [name: string, code: string, status: number | undefined, failing: Failing][] = [
  ['400', 'ERR_BAD_REQUEST', 400, getting('/api/status/400')],
  ['401', 'ERR_BAD_REQUEST', 401, getting('/public/status/401', { session: false })],
  ['403', 'ERR_BAD_REQUEST', 403, getting('/api/status/403')],
  ['404', 'ERR_BAD_REQUEST', 404, getting('/nowhere')],
  ['429', 'ERR_BAD_REQUEST', 429, getting('/api/status/429')],
  ['500', 'ERR_BAD_RESPONSE', 500, getting('/api/status/500')],
  ['503', 'ERR_BAD_RESPONSE', 503, getting('/api/status/503')],
  ['a redirect that is not followed', 'ERR_BAD_RESPONSE', 302, getting('/api/redirect', { maxRedirects: 0 })],
  ['broken JSON', 'ERR_BAD_RESPONSE', 200, getting('/api/bad-json')],
  ['a response that is too large', 'ERR_BAD_RESPONSE', undefined, getting('/api/echo', { maxContentLength: 5 })],
  [
    'a request body that is too large',
    'ERR_BAD_REQUEST',
    undefined,
    (api) => api.post('/api/echo', 'x'.repeat(100), { maxBodyLength: 5 }),
  ],
  ['a timeout', 'ETIMEDOUT', undefined, getting('/api/slow?ms=500', { timeout: 30 })],
  [
    'a signal that timed out',
    'ETIMEDOUT',
    undefined,
    (api) => api.get('/api/slow?ms=500', { signal: AbortSignal.timeout(30) }),
  ],
  ['a signal that is aborted', 'ERR_CANCELED', undefined, getting('/api/echo', { signal: AbortSignal.abort() })],
  ['an unknown adapter', 'ERR_NOT_SUPPORT', undefined, getting('/api/echo', { adapter: 'xhr' })],
];

describe.each(adapters)('a client’s error with the %s adapter', (adapter) => {
  it.each(failures)('after %s is an AxiosError with the code %s', async (_, code, status, failing) => {
    const error = await errorOf(failing(appOn(auth.server, { adapter }).api, auth.server));
    expect(error).toMatchObject({ isAxiosError: true, code });
    expect(error).toBeInstanceOf(AxiosError);
    expect(error.response?.status).toBe(status);
    expect(axios.isCancel(error)).toBe(code === 'ERR_CANCELED');
    expectNoToken(
      [error.message, error.stack, error.config, error.toJSON(), error.response?.config],
      auth.server.secrets(),
    );
  });

  it.each(failures.slice(0, 9))('after %s has the same code without a session', async (_, code, status, failing) => {
    const api = createClient({ baseURL: auth.server.url, adapter });
    const get = (url: string, options = {}) => api.get(url.replace('/api/', '/public/'), options);
    const open = { ...api, get: get as Client['get'] };
    const error = await errorOf(failing(open, auth.server));
    expect([error.code, error.response?.status]).toEqual([code, status]);
  });

  const breaking: [string, Failing][] = [
    [
      'a connection that breaks before the response',
      (api, server) => {
        server.route('/api/break', () => ({ fault: 'reset' }));
        return api.get('/api/break');
      },
    ],
    ['a port without a server', () => createClient({ adapter }).get('http://127.0.0.1:1/')],
    ['an unknown host name', () => createClient({ adapter }).get('http://nowhere.invalid/')],
  ];
  it.each(breaking)('after %s is an AxiosError without a response, and no cancellation', async (_, failing) => {
    const error = await errorOf(failing(appOn(auth.server, { adapter }).api, auth.server));
    expect(error.isAxiosError).toBe(true);
    expect([error.response, error.status]).toEqual([undefined, undefined]);
    expect(error.code).toMatch(/^E[A-Z_]+$/);
    expect(axios.isCancel(error)).toBe(false);
  });

  it.each(['reset-after-headers', 'half-body'] as const)(
    'is the outcome when a response breaks off (%s)',
    async (fault) => {
      auth.server.route('/api/break', () => ({ fault, body: { long: 'x'.repeat(1000) } }));
      const { api, session } = appOn(auth.server, { adapter });
      const error = await errorOf(api.get('/api/break'));
      expect(error).toMatchObject({ isAxiosError: true, config: { url: '/api/break' } });
      expect(axios.isCancel(error)).toBe(false);
      expectNoToken(error.config, auth.server.secrets());
      expect(session.state.status).toBe('signed-in');
    },
  );

  it('is the exception that a response throws when the client reads its `data`', async () => {
    const instance = instanceOn(auth.server, adapter);
    instance.interceptors.response.use((response) =>
      Object.defineProperty(response, 'data', {
        get() {
          throw new RangeError('too late to read');
        },
      }),
    );
    const api = createClient({ axios: instance, session: sessionOn(auth.server).session });
    expect(await errorOf(api.get('/api/echo'))).toMatchObject({ message: 'too late to read' });
  });

  it.each(failures)(
    'after %s has the same code and status with an isUnauthorized that returns false',
    async (_, code, status, failing) => {
      const { api } = appOn(auth.server, { adapter, isUnauthorized: () => false });
      const error = await errorOf(failing(api, auth.server));
      expect([error.code, error.response?.status]).toEqual([code, status]);
    },
  );

  it('other than a 401 causes no resend and no refresh', async () => {
    const { api, refresh } = appOn(auth.server, { adapter });
    const statuses = [400, 402, 403, 404, 408, 409, 419, 422, 429, 500, 502, 503, 504];
    for (const status of statuses) expect((await errorOf(api.get(`/api/status/${status}`))).status).toBe(status);
    await flush(auth.server);
    expect(auth.server.sent('/api/status/*')).toHaveLength(statuses.length);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('of a resend is delivered', async () => {
    const { api } = appOn(auth.server, { adapter });
    auth.server.route('/api/late', () => ({ status: 409, body: { message: 'taken' } }));
    auth.server.expireAccess();
    const error = await errorOf(api.get('/api/late'));
    expect(error).toMatchObject({ code: 'ERR_BAD_REQUEST', response: { status: 409, data: { message: 'taken' } } });
    expect(auth.server.sent('/api/late').map(({ status }) => status)).toEqual([401, 409]);
  });
});
