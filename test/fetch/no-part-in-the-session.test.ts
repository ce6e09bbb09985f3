import type { TokenSet } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { refreshByFetch } from '../http/fixture.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { fetchOn } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
const elsewhere = useAuthServer();

const states = (path = '/api/echo'): string[] => auth.server.sent(path).map(({ tokenState }) => tokenState);

describe('A request that sessionFetch sends without the session', () => {
  it('goes to another origin unchanged, and a 401 from there starts no refresh', async () => {
    const send = vi.fn<typeof fetch>((input, init) => fetch(input, init));
    const { api, refresh } = fetchOn(auth.server, { fetch: send });
    const init = { headers: { 'X-Own': 'yes' } };
    const response = await api(`${elsewhere.server.url}/api/echo`, init);
    expect(response.status).toBe(401);
    expect(send.mock.calls).toEqual([[`${elsewhere.server.url}/api/echo`, init]]);
    expect(send.mock.calls[0]?.[1]).toBe(init);
    expect(elsewhere.server.requests.map(({ tokenState }) => tokenState)).toEqual(['none']);
    expect(refresh).not.toHaveBeenCalled();
  });

  it.each([
    ['another port', (url: URL) => `http://127.0.0.1:${new URL(elsewhere.server.url).port}${url.pathname}`],
    [
      'the origin as the name of a user',
      (url: URL) => `${url.origin}@${new URL(elsewhere.server.url).host}/public/echo`,
    ],
    ['another name of the machine', (url: URL) => url.href.replace('127.0.0.1', 'localhost')],
  ])('goes without the token to %s', async (_, other) => {
    const { api } = fetchOn(auth.server);
    const secrets = auth.server.secrets();
    await api(other(new URL('/public/echo', auth.server.url))).catch(() => undefined);
    const seen = [...auth.server.requests, ...elsewhere.server.requests].flatMap(({ rawHeaders }) => rawHeaders);
    expect(seen.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([]);
  });

  it.each([
    ['in init', (url: string): Parameters<typeof fetch> => [url, { headers: { authorization: 'Basic eDp5' } }]],
    ['in a Request', (url: string) => [new Request(url, { headers: [['Authorization', 'Basic eDp5']] })]],
  ] as [string, (url: string) => Parameters<typeof fetch>][])(
    'keeps its own credentials (%s), does not wait, and its 401 is delivered',
    async (_, call) => {
      const { api, refresh } = fetchOn(auth.server);
      auth.server.expireAccess();
      const hold = auth.server.hold('/api/refresh-token');
      const waiting = api(`${auth.server.url}/api/test-get`);
      await hold.arrived;
      expect((await api(...call(`${auth.server.url}/api/echo`))).status).toBe(401);
      expect(auth.server.sent('/api/echo').map(({ headers }) => headers.authorization)).toEqual(['Basic eDp5']);
      hold.release();
      await waiting;
      expect(refresh).toHaveBeenCalledTimes(1);
    },
  );

  it('keeps credentials that are known to be its own only when the store has been read', async () => {
    const login = auth.server.login();
    const store = { get: () => Promise.resolve<TokenSet>(login), set: () => undefined };
    const { api, refresh } = fetchOn(auth.server, {
      sessionOptions: { store, authorize: ({ accessToken }) => ({ 'X-Token': accessToken }) },
    });
    const response = await api(`${auth.server.url}/api/echo`, { headers: { 'x-token': 'mine' } });
    expect(response.status).toBe(401);
    expect(auth.server.requests.map(({ headers }) => headers['x-token'])).toEqual(['mine']);
    expect(refresh).not.toHaveBeenCalled();
  });

  it.each(['at once', 'later, with the signal of the refresh'])('is made by `refresh` itself %s', async (when) => {
    const { api } = fetchOn(auth.server, {
      sessionOptions: {
        refresh: async (current, { signal }) => {
          if (when !== 'at once') await Promise.resolve();
          await api(`${auth.server.url}/public/echo`, when === 'at once' ? {} : { signal });
          return refreshByFetch(auth.server, current);
        },
      },
    });
    auth.server.expireAccess();
    expect((await api(`${auth.server.url}/api/echo`)).status).toBe(200);
    expect(states('/public/echo')).toEqual(['none']);
  });

  it('carries no token when nobody is signed in, and its 401 is delivered', async () => {
    const { api, refresh } = fetchOn(auth.server, { sessionOptions: { initial: null } });
    expect((await api(`${auth.server.url}/api/echo`)).status).toBe(401);
    expect(states()).toEqual(['none']);
    expect(refresh).not.toHaveBeenCalled();
  });
});
