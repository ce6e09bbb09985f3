import { attachSession, createClient, type RefreshFailureReason, type Session } from 'sluice';
import axios from 'axios';
import { Readable } from 'node:stream';
import { from, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { adapters, appOn, errorOf, instanceOn, sessionOn, type AdapterName } from '../http/fixture.ts';
import type { AuthServer } from '../support/auth-server.ts';
import { expectNoToken } from '../support/no-token.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { expectQuiet } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

type Cases = Record<
  string,
  (app: { server: AuthServer; session: Session; get: Get; adapter: AdapterName }) => Promise<unknown>
>;
type Get = (
  path: string,
  options?: { signal?: AbortSignal; timeout?: number; data?: unknown; method?: string },
) => Observable<unknown>;

const cases: Cases = {
  'a second 401': ({ server, get }) => {
    server.route('/api/echo', () => ({ status: 401 }));
    return errorOf(get('/api/echo'));
  },
  'a 401 that a refresh cannot help': ({ get }) =>
    errorOf(get('/api/challenge?error=insufficient_user_authentication')),
  'a 500': ({ get }) => errorOf(get('/api/status/500')),
  'a broken connection': ({ server, get }) => {
    server.route('/api/echo', () => ({ fault: 'reset' }));
    return errorOf(get('/api/echo'));
  },
  'a broken body': ({ server, get }) => {
    server.route('/api/echo', () => ({ fault: 'half-body', body: { long: 'x'.repeat(1000) } }));
    return errorOf(get('/api/echo'));
  },
  'a timeout': ({ server, get }) => {
    server.hold('/api/echo');
    return errorOf(get('/api/echo', { timeout: 50 }));
  },
  'an abort in flight': async ({ server, get }) => {
    const controller = new AbortController();
    const hold = server.hold('/api/echo');
    const error = errorOf(get('/api/echo', { signal: controller.signal }));
    await hold.arrived;
    controller.abort();
    return error;
  },
  'an abort while it waits': async ({ server, get }) => {
    const controller = new AbortController();
    server.expireAccess();
    const hold = server.hold('/api/refresh-token');
    const error = errorOf(get('/api/echo', { signal: controller.signal }));
    await hold.arrived;
    controller.abort();
    return error;
  },
  'a stream that was read': ({ server, get }) => {
    server.expireAccess();
    return errorOf(get('/api/echo', { method: 'post', data: Readable.from(['once']) }));
  },
  'a session that is over': ({ server, get }) => {
    server.expireAccess();
    server.revokeFamily();
    return errorOf(get('/api/echo'));
  },
  'another user': async ({ server, session, get }) => {
    server.expireAccess();
    const hold = server.hold('/api/refresh-token');
    const error = errorOf(get('/api/echo'));
    await hold.arrived;
    await session.signIn(server.login('bob'));
    return error;
  },
  'a session that was disposed of': async ({ server, session, get }) => {
    server.expireAccess();
    const hold = server.hold('/api/refresh-token');
    const error = errorOf(get('/api/echo'));
    await hold.arrived;
    session.dispose();
    return error;
  },
};

describe.each(adapters)('No error or event holds a token (%s)', (adapter) => {
  describe.each(['client', 'attached'] as const)('%s', (way) => {
    it.each(Object.entries(cases))('%s', async (_name, fail) => {
      const { server } = auth;
      const { api, session, events } = appOn(server, { adapter });
      const instance = instanceOn(server, adapter);
      attachSession(instance, session);
      const get: Get = (path, options = {}) =>
        way === 'client' ? api.request({ url: path, ...options }) : from(instance.request({ url: path, ...options }));
      const error = await fail({ server, session, get, adapter });
      expectQuiet(error, server);
      expectNoToken(events, server.secrets());
    });
  });

  it.each<[Parameters<AuthServer['refreshBehaviour']>[0] & string, RefreshFailureReason]>([
    ['503', 'unavailable'],
    ['reset', 'unavailable'],
    ['half-body', 'unavailable'],
    ['400:invalid_client', 'misconfigured'],
    ['404', 'misconfigured'],
    ['hang', 'timeout'],
    ['no-token', 'invalid-response'],
    ['empty', 'invalid-response'],
    ['html', 'invalid-response'],
    ['same-token', 'same-token'],
  ])('when a refresh through axios ends with %s', async (behaviour, reason) => {
    const { server } = auth;
    const { session, events } = sessionOn(server, {
      refreshRetries: false,
      refreshTimeoutMs: behaviour === 'hang' ? 100 : 4000,
      // The refresh token is in the body of the failed request, and so in axios's error.
      refresh: async (current) => {
        const { data } = await axios.post<{ jwtToken: string }>(
          `${server.url}/api/refresh-token`,
          { refreshToken: current?.refreshToken },
          { adapter },
        );
        return { accessToken: data.jwtToken };
      },
    });
    const api = createClient({ baseURL: server.url, session, adapter });
    server.expireAccess();
    server.refreshBehaviour(behaviour);
    const error = await errorOf(api.get('/api/echo'));
    expect(error).toMatchObject({ name: 'RefreshFailedError', reason });
    expectQuiet(error, server);
    expectNoToken(events, server.secrets());
  });

  it('a response has the caller’s `config`, without a token', async () => {
    const { server } = auth;
    const { api } = appOn(server, { adapter });
    server.expireAccess();
    const outcome = await record(api.get('/api/echo', { observe: 'response' })).outcome;
    if (outcome.kind !== 'complete') throw new Error(outcome.kind);
    const [response] = outcome.values;
    expectNoToken(response, server.secrets(), { skip: (path) => path.startsWith('$.request') });
  });
});
