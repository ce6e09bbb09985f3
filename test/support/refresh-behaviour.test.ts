import { expect, it } from 'vitest';
import { tokensOf, useAuthServer } from './use-auth-server.ts';

const auth = useAuthServer();

const attempt = async (signal?: AbortSignal): Promise<unknown[]> => {
  const { refreshToken } = auth.server.login();
  const init = { method: 'POST', body: JSON.stringify({ refreshToken }), ...(signal ? { signal } : {}) };
  try {
    const answer = await fetch(`${auth.server.url}/api/refresh-token`, init);
    return [answer.status, answer.headers.get('content-type'), await answer.text()];
  } catch (error) {
    return [(error as Error).name];
  }
};

it.each([
  ['503', [503, 'application/json', '{"message":"refresh answered 503"}']],
  ['401', [401, 'application/json', '{"message":"refresh answered 401"}']],
  ['400:invalid_grant', [400, 'application/json', '{"error":"invalid_grant"}']],
  ['400:invalid_client', [400, 'application/json', '{"error":"invalid_client"}']],
  ['html', [200, 'text/html', expect.stringContaining('<!doctype html>')]],
  ['empty', [200, null, '']],
  ['not-json', [200, 'application/json', '{"jwtToken": "cut o']],
  ['no-token', [200, 'application/json', '{"message":"fine"}']],
  ['reset', ['TypeError']],
  ['reset-after-headers', ['TypeError']],
  ['half-body', ['TypeError']],
] as const)('the refresh behaviour %s of the auth server answers as its name says', async (preset, expected) => {
  auth.server.refreshBehaviour(preset);
  expect(await attempt()).toEqual(expected);
  expect(auth.server.refreshes[0]).toMatchObject({
    behaviour: preset,
    outcome: 'failed',
    request: { closedEarly: false },
  });
});

it('the refresh behaviour `huge` of the auth server answers with a large body', async () => {
  auth.server.refreshBehaviour('huge');
  expect((await (await auth.refresh('x')).text()).length).toBeGreaterThan(10_000_000);
});

it.each(['hang', 'slow-headers'] as const)(
  'the refresh behaviour %s of the auth server fails as its name says',
  async (preset) => {
    auth.server.refreshBehaviour(preset);
    const leaving = new AbortController();
    const answer = attempt(leaving.signal);
    await auth.server.arrived('/api/refresh-token');
    setTimeout(() => {
      leaving.abort();
    }, 30);
    expect(await answer).toEqual(['AbortError']);
    await auth.server.closed('/api/refresh-token');
  },
);

it('the refresh behaviour `429:retry-after=1` of the auth server sends the header', async () => {
  auth.server.refreshBehaviour('429:retry-after=1');
  const answer = await auth.refresh(auth.server.login().refreshToken);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1']);
});

it('the refresh behaviour `same-token` of the auth server gives the old access token', async () => {
  auth.server.refreshBehaviour('same-token');
  const { accessToken, refreshToken } = auth.server.login();
  expect(await tokensOf(auth.refresh(refreshToken))).toEqual({ jwtToken: accessToken });
});

it('the refresh behaviour `reset-after-rotation` of the auth server rotates before it breaks the connection', async () => {
  auth.server.nextRefresh('reset-after-rotation');
  const { accessToken, refreshToken } = auth.server.login();
  await expect(auth.refresh(refreshToken)).rejects.toThrow();
  expect(auth.server.refreshes[0]).toMatchObject({ outcome: 'issued', issued: 2, request: { closedEarly: false } });
  await auth.get('/api/echo', accessToken);
  expect(auth.server.staleSends()).toEqual([]); // The client was never sent the newer token.
  expect((await tokensOf(auth.refresh(refreshToken))).error).toBe('invalid_grant');
  expect(auth.server.reuse).toHaveLength(1);
});

it('refresh behaviours take turns, then the previous one applies', async () => {
  auth.server.nextRefresh('503', '400:invalid_client');
  const { refreshToken } = auth.server.login();
  const statuses = [];
  for (let n = 0; n < 3; n += 1) statuses.push((await auth.refresh(refreshToken)).status);
  expect(statuses).toEqual([503, 400, 200]);
});

it('a refresh behaviour may be a function, which may answer itself', async () => {
  auth.server.refreshBehaviour(({ n, user }) => (n === 1 ? { status: 418, body: { user } } : Promise.resolve('ok')));
  const { refreshToken } = auth.server.login('bob');
  const first = await auth.refresh(refreshToken);
  expect([first.status, await first.text()]).toEqual([418, '{"user":"bob"}']);
  expect((await auth.refresh(refreshToken)).status).toBe(200);
  expect(auth.server.refreshes.map(({ behaviour }) => behaviour)).toEqual(['custom', 'ok']);
});

it('an unknown refresh behaviour throws an error with its name', async () => {
  auth.server.refreshBehaviour('nonsense' as 'ok');
  expect(await (await auth.refresh('x')).text()).toContain("Unknown refresh behaviour 'nonsense'");
});
