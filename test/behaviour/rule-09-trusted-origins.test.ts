import { attachSession, createClient } from 'sluice';
import axios from 'axios';
import { defer, from, type Observable } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { adapters, appOn, errorOf, sessionOn, type AdapterName } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { bearerToken } from '../support/request-log.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { kindsOf } from './fixture.ts';

failOnUnhandled();
/** The API, which also accepts the token in a header of its own. */
const auth = useAuthServer({
  readToken: (headers) => bearerToken(headers) ?? (headers['x-access-token'] as string | undefined),
});
/** The server of an attacker. */
const other = useAuthServer();

const ways = adapters.flatMap((adapter) => (['client', 'attached'] as const).map((way) => [way, adapter] as const));

describe.each(ways)('Rule 9: A token goes only to trusted origins (%s, %s)', (way, adapter) => {
  const setUp = (trustedOrigins: string[] = []) => {
    const { session } = sessionOn(auth.server);
    const options = { baseURL: `${auth.server.url}/api`, adapter };
    const api = createClient({ ...options, session, trustedOrigins });
    const instance = axios.create(options);
    attachSession(instance, session, { trustedOrigins });
    const get = (url: string): Observable<unknown> => (way === 'client' ? api.get(url) : from(instance.get(url)));
    return { session, get };
  };
  /** Asserts that the other server received no token, in whatever header. */
  const expectNothingAt = (server = other.server): void => {
    const secrets = auth.server.secrets();
    for (const { rawHeaders, url, body } of server.requests) {
      const all = [url, ...rawHeaders, body.toString()].join('\n');
      expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
      expect(all).not.toContain('Bearer');
    }
  };

  it('sends it to the base URL’s origin, however a request names that', async () => {
    const { get } = setUp();
    const { url } = auth.server;
    const requests = ['/echo', 'echo', `${url}/api/echo`, `${url}/elsewhere`].map((path) => record(get(path)));
    await Promise.all(requests.map(({ outcome }) => outcome));
    expect(auth.server.requests.map(({ tokenState }) => tokenState)).toEqual(['valid', 'valid', 'valid', 'valid']);
  });

  it('sends it to an origin in trustedOrigins', async () => {
    const { get } = setUp([other.server.url]);
    expect(await kindsOf([record(get(`${other.server.url}/public/echo`))])).toEqual(['complete']);
    expect(other.server.requests.map(({ token }) => token)).toEqual([auth.server.secrets()[0]]);
  });

  it('does not send it to another port', async () => {
    const { get } = setUp();
    expect(await kindsOf([record(get(`${other.server.url}/public/echo`))])).toEqual(['complete']);
    expect(other.server.requests).toHaveLength(1);
    expectNothingAt();
  });

  it('does not send it to another name of the same machine', async () => {
    const { get } = setUp();
    const alias = auth.server.url.replace('127.0.0.1', 'localhost');
    expect(await kindsOf([record(get(`${alias}/public/echo`))])).toEqual(['complete']);
    expect(auth.server.requests).toHaveLength(1);
    expectNothingAt(auth.server);
  });

  it('compares whole origins, not prefixes', async () => {
    const { get } = setUp();
    // The trusted origin is the userinfo of this URL.
    const { outcome } = record(get(`${auth.server.url}@127.0.0.1:${new URL(other.server.url).port}/public/echo`));
    await outcome;
    expectNothingAt();
    expect(auth.server.requests).toEqual([]);
  });

  it('does not send it to //host', async () => {
    const { get } = setUp();
    const { outcome } = record(defer(() => get(other.server.url.replace('http:', ''))));
    // Node has no page whose scheme `//host` could take, so the request fails.
    expect((await outcome).kind).toBe('error');
    expectNothingAt();
  });

  it('does not send it to another scheme', async () => {
    const seen: unknown[] = [];
    const { session } = sessionOn(auth.server);
    const instance = axios.create({
      baseURL: auth.server.url,
      adapter: async (config) => {
        seen.push(config.headers.get('Authorization'));
        return { data: null, status: 200, statusText: '', headers: {}, config };
      },
    });
    attachSession(instance, session);
    const api = createClient({ axios: instance, session });
    const urls = ['https:', 'ws:', 'ftp:'].map((scheme) => auth.server.url.replace('http:', scheme));
    for (const url of urls) {
      if (way === 'client') await record(defer(() => api.get(url))).outcome;
      else await instance.get(url);
    }
    expect(seen).toHaveLength(3);
    expect(seen.filter((value) => value !== undefined)).toEqual([]);
  });

  it('does not send it along a cross-origin redirect', async () => {
    const { get } = setUp();
    const to = `${other.server.url}/public/echo`;
    expect(await kindsOf([record(get(`/redirect?to=${encodeURIComponent(to)}`))])).toEqual(['complete']);
    expect(auth.server.sent('/api/redirect').map(({ tokenState }) => tokenState)).toEqual(['valid']);
    expect(other.server.requests).toHaveLength(1);
    expectNothingAt();
  });

  it('sends it along a redirect within its origin', async () => {
    const { get } = setUp();
    expect(await kindsOf([record(get('/redirect?to=/api/echo'))])).toEqual(['complete']);
    expect(auth.server.sent('/api/echo').map(({ tokenState }) => tokenState)).toEqual(['valid']);
  });

  it('starts no refresh for a 401 from an untrusted origin', async () => {
    const { get, session } = setUp();
    other.server.route('/public/echo', () => ({ status: 401 }));
    const { outcome } = record(get(`${other.server.url}/public/echo`));
    expect(await outcome).toMatchObject({ kind: 'error', error: { response: { status: 401 } } });
    expect(auth.server.refreshes).toEqual([]);
    expect(other.server.requests).toHaveLength(1);
    expect(session.state).toMatchObject({ status: 'signed-in', generation: 1 });
  });
});

// These tests run without the fetch adapter of axios, which does not show where a redirect ended.
describe.each<AdapterName>(['http'])(
  'Rule 9: A token goes only to trusted origins (%s, redirects in detail)',
  (adapter) => {
    let to = '';
    beforeEach(() => {
      to = encodeURIComponent(`${other.server.url}/public/echo`);
    });

    it('starts no refresh for a 401 at the end of a cross-origin redirect', async () => {
      const { api, session } = appOn(auth.server, { adapter });
      other.server.route('/public/echo', () => ({ status: 401 }));
      expect((await errorOf(api.get(`/api/redirect?to=${to}`))).response?.status).toBe(401);
      expect(auth.server.refreshes).toEqual([]);
      expect(session.state.generation).toBe(1);
    });

    it('removes the headers that `authorize` makes, whatever their names', async () => {
      const { api } = appOn(auth.server, {
        adapter,
        sessionOptions: { authorize: ({ accessToken }) => ({ 'X-Access-Token': accessToken }) },
      });
      await record(api.get(`/api/redirect?to=${to}`, { headers: { 'X-Kept': 'yes' } })).outcome;
      expect(auth.server.sent('/api/redirect')[0]?.headers['x-access-token']).toBe(auth.server.secrets()[0]);
      expect(other.server.requests[0]?.headers).toMatchObject({ 'x-kept': 'yes' });
      expect(other.server.requests[0]?.headers).not.toHaveProperty('x-access-token');
    });

    it('calls the caller’s own `beforeRedirect`', async () => {
      const { api } = appOn(auth.server, { adapter });
      const seen: unknown[] = [];
      await record(
        api.get(`/api/redirect?to=${to}`, { beforeRedirect: ({ href }: Record<string, unknown>) => seen.push(href) }),
      ).outcome;
      expect(seen).toEqual([decodeURIComponent(to)]);
    });
  },
);
