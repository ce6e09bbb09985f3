import { attachSession, createClient, createSession, type Session, type TokenStore } from 'sluice';
import axios, { type AxiosAdapter } from 'axios';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { flush } from '../http/fixture.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();
/** `POST /api/refresh-token` with `{ refreshToken }` answers `{ jwtToken }`. */
const auth = useAuthServer({ rotate: false });

const PROD_BASE_URL = 'https://api.example.com';

// An app's existing code: tokens in localStorage behind four functions.
const entries = new Map<string, string>();
const localStorage = {
  getItem: (key: string) => entries.get(key) ?? null,
  setItem: (key: string, value: string) => void entries.set(key, value),
  removeItem: (key: string) => void entries.delete(key),
};
const getAccessToken = () => localStorage.getItem('accessToken');
const setAccessToken = (token: string) => localStorage.setItem('accessToken', token);
const getRefreshToken = () => localStorage.getItem('refreshToken');
const removeTokens = () => {
  localStorage.removeItem('accessToken');
  localStorage.removeItem('refreshToken');
};

// The same app with Sluice in place of its interceptor.
const store: TokenStore = {
  get: () => {
    const [accessToken, refreshToken] = [getAccessToken(), getRefreshToken()];
    return accessToken === null ? null : { accessToken, ...(refreshToken !== null && { refreshToken }) };
  },
  set: (tokens) => {
    if (tokens) setAccessToken(tokens.accessToken);
    else removeTokens();
  },
};

interface App {
  readonly session: Session;
  get(path: string): Promise<unknown>;
}

function sessionAt(baseURL: string): Session {
  return createSession({
    store,
    // `ownerOf` makes other code's tokens in the storage count as the same user's.
    ownerOf: ({ accessToken }) => accessToken.split('-')[1],
    refresh: (current, { signal }) =>
      axios
        .post<{ jwtToken: string }>(`${baseURL}/api/refresh-token`, { refreshToken: current?.refreshToken }, { signal })
        .then(({ data }) => ({ accessToken: data.jwtToken })),
  });
}

const apps: [string, (adapter?: AxiosAdapter) => App][] = [
  [
    'createClient',
    (adapter) => {
      const baseURL = import.meta.env.VITE_BASE_URL ?? PROD_BASE_URL;
      const session = sessionAt(baseURL);
      const apiClient = createClient({ baseURL, session, ...(adapter && { adapter }) });
      return { session, get: (path) => firstValueFrom(apiClient.get(path)) };
    },
  ],
  [
    'attachSession',
    (adapter) => {
      const baseURL = import.meta.env.VITE_BASE_URL ?? PROD_BASE_URL;
      const apiClient = axios.create({ baseURL, ...(adapter && { adapter }) });
      const session = sessionAt(baseURL);
      attachSession(apiClient, session);
      return { session, get: async (path) => (await apiClient.get<unknown>(path)).data };
    },
  ],
];

describe.each(apps)('An app that has replaced the hand-written interceptor by %s of Sluice', (_name, makeApp) => {
  /** Puts tokens into the storage, as after a sign-in. */
  function signIn(): void {
    const { accessToken, refreshToken } = auth.server.login();
    setAccessToken(accessToken);
    localStorage.setItem('refreshToken', refreshToken);
  }
  beforeEach(() => {
    vi.stubEnv('VITE_BASE_URL', auth.server.url);
    entries.clear();
  });
  afterEach(() => vi.unstubAllEnvs());

  it('takes the base URL from the environment', async () => {
    signIn();
    expect(await makeApp().get('/api/test-get')).toMatchObject({ message: 'It works', user: 'ada' });
    expect(auth.server.counts).toEqual({ '/api/test-get': 1 });
  });

  it('falls back to the production URL', async () => {
    vi.stubEnv('VITE_BASE_URL', undefined);
    signIn();
    const urls: string[] = [];
    // An adapter in the place of the network, because no server has this URL.
    const app = makeApp(async (config) => {
      urls.push(axios.getUri(config));
      return { status: 200, statusText: 'OK', headers: {}, config, data: 'fine' };
    });
    expect(await app.get('/api/test-get')).toBe('fine');
    expect(urls).toEqual(['https://api.example.com/api/test-get']);
  });

  it('sends the token that is current at the moment of sending', async () => {
    signIn();
    const { session, get } = makeApp();
    await get('/api/test-get');
    await session.signIn(auth.server.login());
    await get('/api/test-get');
    expect(
      auth.server.sent('/api/test-get').map(({ generation, token }) => [generation, token === getAccessToken()]),
    ).toEqual([
      [1, false],
      [2, true],
    ]);
  });

  it('sends no token while there is none', async () => {
    expect(await makeApp().get('/public/echo')).toMatchObject({ path: '/public/echo' });
    expect(auth.server.requests.map(({ tokenState }) => tokenState)).toEqual(['none']);
  });

  it('makes one `POST /api/refresh-token` with `{ refreshToken }` for all 401s, and resends with the new token', async () => {
    const { server } = auth;
    signIn();
    const refreshToken = getRefreshToken();
    const { get } = makeApp();
    server.expireAccess();
    const atServer = server.hold('/api/test-get*');
    const refresh = server.hold('/api/refresh-token');
    const failing = Array.from({ length: 5 }, (_, n) => get(`/api/test-get?failing=${n}`));
    await atServer.waiting(5);
    atServer.release();
    await refresh.arrived;
    const started = Array.from({ length: 5 }, (_, n) => get(`/api/test-get?started=${n}`));
    await flush(server);
    expect(server.sent(/started/)).toEqual([]);
    refresh.release();

    const answers = await Promise.all([...failing, ...started]);
    expect(answers).toEqual(Array(10).fill({ message: 'It works', user: 'ada', generation: 2 }));
    expect(server.refreshes.map(({ request }) => [request.method, request.path, request.body.toString()])).toEqual([
      ['POST', '/api/refresh-token', JSON.stringify({ refreshToken })],
    ]);
    expect(server.refreshes[0]?.request.token).toBeUndefined();
    expect(server.sent(/failing/).map(({ generation }) => generation)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    expect(server.sent(/started/).map(({ generation }) => generation)).toEqual([2, 2, 2, 2, 2]);
    expect(server.staleSends()).toEqual([]);
    expect(getAccessToken()).toBe(server.sent(/started/)[0]?.token);
    expect(getRefreshToken()).toBe(refreshToken);
  });

  it('removes the tokens and rejects every waiting request when the refresh is refused', async () => {
    const { server } = auth;
    signIn();
    const { get, session } = makeApp();
    server.expireAccess();
    server.revokeFamily();
    const refresh = server.hold('/api/refresh-token');
    const failing = Array.from({ length: 3 }, () => get('/api/test-get'));
    const settled = Promise.allSettled(failing);
    await refresh.arrived;
    const started = Promise.allSettled(Array.from({ length: 3 }, () => get('/api/test-get')));
    refresh.release();
    const results = [...(await settled), ...(await started)];
    expect(results).toEqual(
      Array(6).fill({ status: 'rejected', reason: expect.objectContaining({ name: 'SessionExpiredError' }) }),
    );
    expect([getAccessToken(), getRefreshToken()]).toEqual([null, null]);
    expect(session.state).toMatchObject({ status: 'signed-out', reason: 'expired' });
    expect(server.refreshes).toHaveLength(1);

    // A new sign-in makes requests succeed again.
    const { accessToken, refreshToken } = server.login();
    localStorage.setItem('refreshToken', refreshToken);
    await session.signIn({ accessToken, refreshToken });
    expect(await get('/api/test-get')).toMatchObject({ user: 'ada' });
  });

  it('delivers the 401 when there is no refresh token', async () => {
    const { server } = auth;
    signIn();
    localStorage.removeItem('refreshToken');
    const { get } = makeApp();
    server.expireAccess();
    await expect(get('/api/test-get')).rejects.toMatchObject({
      isAxiosError: true,
      response: { status: 401, data: { message: 'unauthorized' } },
    });
    expect(server.refreshes).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  it('uses tokens that other code has written into the storage instead of refreshing', async () => {
    const { server } = auth;
    signIn();
    const { get } = makeApp();
    server.expireAccess();
    signIn();
    expect(await get('/api/test-get')).toMatchObject({ generation: 2 });
    expect(server.refreshes).toEqual([]);
  });
});
