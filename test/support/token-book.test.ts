import { expect, it } from 'vitest';
import { startAuthServer } from './auth-server.ts';
import { bearer, tokensOf, useAuthServer } from './use-auth-server.ts';

const auth = useAuthServer();

it('the token book of the auth server accepts a signed-in user, and nobody else', async () => {
  const { jwtToken } = await tokensOf(auth.post('/api/login', { user: 'ada' }));
  expect((await auth.get('/api/test-get', jwtToken)).status).toBe(200);
  expect((await auth.get('/api/test-get', 'made-up')).status).toBe(401);
  expect((await auth.get('/api/test-get')).headers.get('www-authenticate')).toBe('Bearer realm="api"');
  expect(auth.server.requests.map(({ tokenState }) => tokenState)).toEqual(['none', 'valid', 'unknown', 'none']);
});

it('the token book of the auth server refuses a wrong password', async () => {
  expect((await auth.post('/api/login', { user: 'ada', password: 'wrong' })).status).toBe(401);
});

it('the token book of the auth server expires all access tokens, or those of one user', async () => {
  const [ada, bob] = [auth.server.login('ada'), auth.server.login('bob')];
  expect(auth.server.expireAccess('ada')).toBe(1);
  const refused = await auth.get('/api/echo', ada.accessToken);
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="api", error="invalid_token"');
  expect((await auth.get('/api/echo', bob.accessToken)).status).toBe(200);
  auth.server.expireAccess();
  expect((await auth.get('/api/echo', bob.accessToken)).status).toBe(401);
});

it('the token book of the auth server expires tokens by its clock, and says when', async () => {
  let time = 1_000_000;
  await using timed = await startAuthServer({ accessTtlMs: 500, now: () => time });
  const { accessToken, refreshToken, expiresAt } = timed.login();
  expect(expiresAt).toBe(1_000_500);
  const status = async (): Promise<number> =>
    (await fetch(`${timed.url}/api/echo`, { headers: bearer(accessToken) })).status;
  expect(await status()).toBe(200);
  time = 1_000_500;
  expect(await status()).toBe(401);
  const answer = await tokensOf(
    fetch(`${timed.url}/api/refresh-token`, { method: 'POST', body: JSON.stringify({ refreshToken }) }),
  );
  expect(answer.expiresIn).toBe(0.5);
});

it('the test server gives a new refresh token at each refresh', async () => {
  const first = auth.server.login();
  const second = await tokensOf(auth.refresh(first.refreshToken));
  expect(second.refreshToken).not.toBe(first.refreshToken);
  const third = await tokensOf(auth.refresh(second.refreshToken));
  expect((await (await auth.get('/api/echo', third.jwtToken)).json()) as object).toMatchObject({
    user: 'ada',
    generation: 3,
  });
  expect(auth.server.refreshes.map(({ outcome, issued }) => [outcome, issued])).toEqual([
    ['issued', 2],
    ['issued', 3],
  ]);
  expect(auth.server.repeats).toEqual([]);
});

it('the token book of the auth server keeps the refresh token when it does not rotate', async () => {
  auth.server.rotate = false;
  const { refreshToken } = auth.server.login();
  expect(await tokensOf(auth.refresh(refreshToken))).toEqual({ jwtToken: expect.any(String) as string });
  expect((await auth.refresh(refreshToken)).status).toBe(200);
  expect(auth.server.reuse).toEqual([]);
  expect(auth.server.repeats).toHaveLength(1);
});

it('the token book of the auth server revokes the whole family when a refresh token is reused', async () => {
  const first = auth.server.login();
  const other = auth.server.login();
  const second = await tokensOf(auth.refresh(first.refreshToken));
  const reused = await auth.refresh(first.refreshToken);
  expect(reused.status).toBe(400);
  expect((await tokensOf(reused)).error).toBe('invalid_grant');
  expect((await tokensOf(auth.refresh(second.refreshToken))).error).toBe('invalid_grant');
  expect(auth.server.reuse.map(({ n }) => n)).toEqual([2]);
  expect(auth.server.refreshes.map(({ outcome }) => outcome)).toEqual(['issued', 'reused', 'refused']);
  expect((await auth.refresh(other.refreshToken)).status).toBe(200);
});

it('the token book of the auth server takes a rotated refresh token for `graceMs`, and as a reuse from then on', async () => {
  let time = 1_000_000;
  await using timed = await startAuthServer({ graceMs: 500, now: () => time });
  const first = timed.login();
  const refresh = async (refreshToken: string): Promise<string> => {
    const body = JSON.stringify({ refreshToken });
    const answer = await tokensOf(fetch(`${timed.url}/api/refresh-token`, { method: 'POST', body }));
    return answer.refreshToken;
  };
  const second = await refresh(first.refreshToken);
  time += 300;
  const third = await refresh(first.refreshToken);
  expect(new Set([first.refreshToken, second, third]).size).toBe(3);
  time += 200;
  // The second token was rotated 200 ms ago, the first one 500 ms ago.
  await refresh(second);
  expect(timed.reuse).toEqual([]);
  await refresh(first.refreshToken);
  await refresh(third);
  expect(timed.refreshes.map(({ outcome }) => outcome)).toEqual(['issued', 'issued', 'issued', 'reused', 'refused']);
});

it('the token book of the auth server refuses the refresh of a revoked family while its access token is still valid', async () => {
  const { accessToken, refreshToken } = auth.server.login('bob');
  auth.server.revokeFamily('bob');
  expect((await tokensOf(auth.refresh(refreshToken))).error).toBe('invalid_grant');
  expect((await auth.get('/api/echo', accessToken)).status).toBe(200);
});

it('the token book of the auth server accepts only the newest access token when `newestOnly` is true', async () => {
  auth.server.newestOnly = true;
  const { accessToken, refreshToken } = auth.server.login();
  const { jwtToken } = await tokensOf(auth.refresh(refreshToken));
  expect((await auth.get('/api/echo', accessToken)).status).toBe(401);
  expect((await auth.get('/api/echo', jwtToken)).status).toBe(200);
});

it('the token book of the auth server refreshes by an HttpOnly cookie', async () => {
  const signedIn = await auth.post('/api/cookie-login', { user: 'ada' });
  const cookie = signedIn.headers.get('set-cookie') ?? '';
  expect(cookie).toContain('HttpOnly');
  expect(await tokensOf(signedIn)).not.toHaveProperty('refreshToken');
  const refreshed = await auth.post('/api/cookie-refresh', {}, { cookie: cookie.split(';', 1)[0] ?? '' });
  expect((await auth.get('/api/echo', (await tokensOf(refreshed)).jwtToken)).status).toBe(200);
  expect(refreshed.headers.get('set-cookie')).toMatch(/^refresh=refresh-ada-/);
  expect((await auth.post('/api/cookie-refresh', {})).status).toBe(400);
});

it('the token book of the auth server revokes on request and remembers it', async () => {
  const { accessToken, refreshToken } = auth.server.login();
  await auth.post('/api/revoke', { token: refreshToken });
  expect((await auth.get('/api/echo', accessToken)).status).toBe(401);
  expect(auth.server.revocations).toEqual([refreshToken]);
});

it('the token book of the auth server knows every secret that it issued', async () => {
  const first = auth.server.login();
  const second = await tokensOf(auth.refresh(first.refreshToken));
  expect(auth.server.secrets().sort()).toEqual(
    [first.accessToken, first.refreshToken, second.jwtToken, second.refreshToken].sort(),
  );
});
