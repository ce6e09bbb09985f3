import axios, { type AxiosAdapter } from 'axios';
import { firstValueFrom, forkJoin, from, type ObservableInput } from 'rxjs';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { codeBlocks } from '../../scripts/code-blocks.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
const auth = useAuthServer();

// An example is a module of an app: each test imports it again, with its server's address in the environment.
beforeEach(() => {
  vi.resetModules();
  vi.stubEnv('VITE_BASE_URL', auth.server.url);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Sends three requests, expires their token once all have arrived, and returns their outcomes. */
async function dyingTogether(send: (n: number) => ObservableInput<unknown>, where = '/api/echo*'): Promise<unknown[]> {
  const { server } = auth;
  const refreshes = server.refreshes.length;
  const hold = server.hold(where);
  const outcome = firstValueFrom(forkJoin([1, 2, 3].map(send)));
  await hold.waiting(3);
  server.expireAccess();
  hold.release();
  const results = await outcome;
  expect(server.refreshes.slice(refreshes)).toMatchObject([{ outcome: 'issued' }]);
  expect(server.reuse).toEqual([]);
  return results;
}

const echo = (n: number): unknown => expect.objectContaining({ path: `/api/echo/${n}` });
const paths = [1, 2, 3].map(echo);

describe('the snippet quick-start.ts', () => {
  it('is the first code block of the README, word for word', () => {
    const [first] = codeBlocks('README.md');
    expect(`${first?.code ?? ''}\n`).toBe(readFileSync('examples/snippets/quick-start.ts', 'utf8'));
  });

  it('signs in, reads, and refreshes once when its token is dead', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    const { api, session } = await import('../../examples/snippets/quick-start.ts');
    await waitFor(() => {
      expect(log.mock.calls).toEqual([['It works']]);
    });
    expect(await dyingTogether((n) => api.get(`/api/echo/${n}`))).toEqual(paths);
    expect(session.state).toMatchObject({ status: 'signed-in', generation: 2 });
  });

  it('logs the error when no server answers', async () => {
    auth.server.offline();
    const error = vi.spyOn(console, 'error').mockReturnValue();
    await import('../../examples/snippets/quick-start.ts');
    await waitFor(() => {
      expect(error).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ isAxiosError: true }));
    });
  });
});

describe('the snippet cookie-session.ts', () => {
  let cookie: string | undefined;
  const setCookie = (header: string[] | undefined): void => {
    cookie = header?.[0]?.split(';')[0] ?? cookie;
  };

  // A browser sends the cookie by itself.
  beforeEach(() => {
    cookie = undefined;
    const adapter = axios.defaults.adapter!;
    const withCookies: AxiosAdapter = async (config) => {
      if (config.withCredentials === true && cookie !== undefined) config.headers.set('Cookie', cookie);
      const response = await axios.getAdapter(adapter)(config);
      setCookie(response.headers['set-cookie']);
      return response;
    };
    axios.defaults.adapter = withCookies;
    return () => {
      axios.defaults.adapter = adapter;
    };
  });
  const signInBefore = async (): Promise<void> => {
    const answer = await fetch(`${auth.server.url}/api/cookie-login`, { method: 'POST', body: '{"user":"ada"}' });
    setCookie(answer.headers.getSetCookie());
  };

  it('restores the session from the cookie, without a 401', async () => {
    await signInBefore();
    const { api, restored$, session } = await import('../../examples/snippets/cookie-session.ts');
    expect(session.state.status).toBe('signed-out');
    await firstValueFrom(restored$);
    expect(await firstValueFrom(api.get('/api/test-get'))).toMatchObject({ user: 'ada' });
    expect(auth.server.counts).toMatchObject({ '/api/cookie-refresh': 1, '/api/test-get': 1 });
  });

  it('restores the session at the first 401, and refreshes with the rotated cookie', async () => {
    await signInBefore();
    const { api } = await import('../../examples/snippets/cookie-session.ts');
    expect(await dyingTogether((n) => api.get(`/api/echo/${n}`))).toEqual(paths);
    vi.setSystemTime(Date.now() + 2000); // A token that was made less than a second ago is not refreshed again.
    expect(await dyingTogether((n) => api.get(`/api/echo/${n}`))).toEqual(paths);
    vi.useRealTimers();
  });

  it('stays signed out without a cookie', async () => {
    const { restored$, session } = await import('../../examples/snippets/cookie-session.ts');
    await expect(firstValueFrom(restored$)).rejects.toMatchObject({ name: 'SessionExpiredError' });
    expect(session.state.status).toBe('signed-out');
  });
});

describe('the snippet own-store.ts', () => {
  const entries = new Map<string, string>();
  beforeEach(() => {
    entries.clear();
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => entries.get(key) ?? null,
      setItem: (key: string, value: string) => void entries.set(key, value),
      removeItem: (key: string) => void entries.delete(key),
    });
    // The tokens of a person who signed in before the app had Sluice.
    auth.server.rotate = false;
    const { accessToken, refreshToken } = auth.server.login();
    entries.set('accessToken', accessToken).set('refreshToken', refreshToken);
  });

  it('starts with the tokens that the app has stored, and stores the refreshed ones', async () => {
    const [before, refreshToken] = entries.values();
    const { api, session } = await import('../../examples/snippets/own-store.ts');
    expect(session.state.status).toBe('signed-in');
    expect(await dyingTogether((n) => api.get(`/api/echo/${n}`))).toEqual(paths);
    expect(entries.get('accessToken')).not.toBe(before);
    expect(Object.fromEntries(entries)).toEqual({ accessToken: session.state.tokens?.accessToken, refreshToken });
  });

  it('removes the tokens when the refresh is refused', async () => {
    const { api, session } = await import('../../examples/snippets/own-store.ts');
    auth.server.expireAccess();
    auth.server.revokeFamily();
    await expect(firstValueFrom(api.get('/api/test-get'))).rejects.toMatchObject({ name: 'SessionExpiredError' });
    expect(session.state).toMatchObject({ status: 'signed-out', reason: 'expired' });
    expect([...entries]).toEqual([]);
  });
});

describe('the snippet several-instances.ts', () => {
  it('makes one refresh for all instances', async () => {
    const { reports, signIn, users } = await import('../../examples/snippets/several-instances.ts');
    await signIn('ada', 'secret');
    const results = await dyingTogether(
      (n) => from(n === 1 ? users.get('/api/echo/1') : reports.get(`/echo/${n}`)),
      '/api/*',
    );
    expect(results.map((result) => (result as { status: number }).status)).toEqual([200, 200, 200]);
  });

  it('sends no token after detaching', async () => {
    const { detach, signIn, users } = await import('../../examples/snippets/several-instances.ts');
    await signIn('ada', 'secret');
    detach();
    await expect(users.get('/api/test-get')).rejects.toMatchObject({ response: { status: 401 } });
    expect(auth.server.refreshes).toEqual([]);
  });
});

describe('the snippet operator-on-fetch.ts', () => {
  it('makes one refresh for parallel requests', async () => {
    const { get, session } = await import('../../examples/snippets/operator-on-fetch.ts');
    await session.signIn(auth.server.login());
    const answers = (await dyingTogether((n) => get(`/api/echo/${n}`))) as Response[];
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual(paths);
  });

  it('ends the session when the refresh is refused, and keeps it when the client is misconfigured', async () => {
    const { get, session } = await import('../../examples/snippets/operator-on-fetch.ts');
    await session.signIn(auth.server.login());
    auth.server.expireAccess();
    auth.server.nextRefresh('400:invalid_client');
    const outcome = await firstValueFrom(get('/api/test-get')).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ name: 'RefreshFailedError', reason: 'misconfigured' });
    expect(session.state.status).toBe('signed-in');
    auth.server.revokeFamily();
    await expect(firstValueFrom(session.refresh$)).rejects.toMatchObject({ name: 'SessionExpiredError' });
    expect(session.state.status).toBe('signed-out');
  });
});
