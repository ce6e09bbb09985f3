import { createClient, createSession, memoryStore, type TokenSet } from 'sluice';
import { fakeTime, testClient } from 'sluice/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('retries after the refresh, while another request leaves', async () => {
  const { http } = testClient();
  const old: TokenSet = { accessToken: 'old', refreshToken: 'r1' };
  const session = createSession({
    store: memoryStore(old),
    refresh: (now, { signal }) => api.post<TokenSet>('/refresh', { token: now?.refreshToken }, { signal }),
  });
  const api = createClient({ baseURL: 'https://api.test', adapter: http.adapter, session });

  const time = fakeTime(vi, http);
  const values = { n: { status: 401 }, t: { body: { accessToken: 'new' } }, u: { body: ['Ada'] } };
  // The first attempt is refused after two milliseconds, and the second one gets its users after one.
  time.when('GET /users', ['--n', '-u'], values);
  time.when('POST /refresh', '---t', values);

  await Promise.all([
    time.expect(api.get('/users')).toBe('------(u|)', { u: ['Ada'] }),
    time.expect(api.get('/users'), '^---!').toBe('-----'),
  ]);
  expect(time.sends).toEqual([
    { frame: 0, request: 'GET /users', attempt: 1, authorized: true },
    { frame: 0, request: 'GET /users', attempt: 1, authorized: true },
    { frame: 2, request: 'POST /refresh', attempt: 1, authorized: false },
    { frame: 5, request: 'GET /users', attempt: 2, authorized: true },
  ]);
});
