import { jwtExpiry } from 'sluice/jwt';
import type { TokenSet } from 'sluice';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { appOn, refreshByFetch } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { realNow } from '../support/real-time.ts';
import { bearerToken } from '../support/request-log.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { herd, kindsOf } from './fixture.ts';

failOnUnhandled();
/** Makes the server accept JWTs whose signature is a token that it issued. */
const auth = useAuthServer({ readToken: (headers) => bearerToken(headers)?.split('.').at(-1) });
afterEach(() => vi.useRealTimers());

const day = 86_400_000;

/** Makes a JWT from a token of the server, by the server's clock. */
function jwt(token: string, lifetimeMs: number): string {
  const iat = Math.floor(realNow() / 1000);
  const [header, payload] = [{ alg: 'HS256' }, { iat, exp: iat + lifetimeMs / 1000 }].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return `${header}.${payload}.${token}`;
}

/** A session whose tokens `make` makes from those of the server. */
const setUp = (make: (tokens: TokenSet) => TokenSet, initial = make(auth.server.login())) =>
  appOn(auth.server, {
    sessionOptions: {
      initial,
      minRefreshIntervalMs: 0,
      refresh: async (current) => make(await refreshByFetch(auth.server, current)),
    },
  });

describe('Rule 14: Expiry comes from `expiresAt`', () => {
  it('refreshes a token that is past `expiresAt` without a 401', async () => {
    const { server } = auth;
    const { api } = setUp((tokens) => tokens, { ...server.login(), expiresAt: Date.now() - 1000 });
    expect(await kindsOf(herd(5, (path) => api.get(path)))).toEqual(['complete']);
    expect(server.sent('/api/echo*').map(({ status }) => status)).toEqual(Array(5).fill(200));
    expect(server.refreshes).toHaveLength(1);
  });

  it('refreshes a token that passes `expiresAt` later without a 401', async () => {
    const { server } = auth;
    vi.useFakeTimers({ toFake: ['Date'], now: realNow() });
    const { api } = setUp((tokens) => ({ ...tokens, expiresAt: Date.now() + 60_000 }));
    expect(await kindsOf(herd(5, (path) => api.get(path)))).toEqual(['complete']);
    expect(server.refreshes).toEqual([]);
    vi.setSystemTime(realNow() + 61_000);
    expect(await kindsOf(herd(5, (path) => api.get(path)))).toEqual(['complete']);
    expect(server.refreshes).toHaveLength(1);
    expect(server.sent('/api/echo*').map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(server.sent('/api/echo*').map(({ generation }) => generation)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
  });

  it('refreshes nothing when there is no `expiresAt` and no 401', async () => {
    const { server } = auth;
    vi.useFakeTimers({ toFake: ['Date'], now: realNow() });
    const { api } = setUp((tokens) => tokens);
    vi.setSystemTime(realNow() + 1000 * day);
    expect(await kindsOf(herd(5, (path) => api.get(path)))).toEqual(['complete']);
    expect(server.refreshes).toEqual([]);
  });
});

describe('Rule 14: Decoding a JWT is opt-in (`jwtExpiry`)', () => {
  it('sends an expired JWT as it is without `jwtExpiry`', async () => {
    const { server } = auth;
    const { api } = setUp((tokens) => ({ ...tokens, accessToken: jwt(tokens.accessToken, -day) }));
    expect(await kindsOf(herd(5, (path) => api.get(path)))).toEqual(['complete']);
    expect(server.refreshes).toEqual([]);
  });

  it('refreshes an expired JWT before the send with `jwtExpiry`', async () => {
    const { server } = auth;
    vi.useFakeTimers({ toFake: ['Date'], now: realNow() });
    const { api } = setUp(withJwtExpiry(60_000));
    expect(await kindsOf([record(api.get('/api/echo'))])).toEqual(['complete']);
    expect(server.refreshes).toEqual([]);
    vi.setSystemTime(realNow() + 61_000);
    expect(await kindsOf(herd(5, (path) => api.get(path)))).toEqual(['complete']);
    expect(server.refreshes).toHaveLength(1);
    expect(server.sent('/api/echo*').map(({ status }) => status)).toEqual(Array(6).fill(200));
  });
});

/** Maps tokens as an app with `jwtExpiry` does. */
function withJwtExpiry(lifetimeMs: number): (tokens: TokenSet) => TokenSet {
  return (tokens) => {
    const accessToken = jwt(tokens.accessToken, lifetimeMs);
    const expiresAt = jwtExpiry(accessToken);
    return { ...tokens, accessToken, ...(expiresAt !== undefined && { expiresAt }) };
  };
}

describe.each([
  ['a day ahead', day],
  ['a day behind', -day],
])('Rule 14: Expiry is measured from receipt so that a wrong clock cannot loop: %s', (_name, offset) => {
  it('uses only the lifetime that a JWT states', async () => {
    const { server } = auth;
    vi.useFakeTimers({ toFake: ['Date'], now: realNow() + offset });
    const { api } = setUp(withJwtExpiry(60_000));
    for (let n = 0; n < 10; n += 1) expect(await kindsOf([record(api.get('/api/echo'))])).toEqual(['complete']);
    expect(server.refreshes).toEqual([]);
    vi.setSystemTime(realNow() + offset + 61_000);
    for (let n = 0; n < 10; n += 1) expect(await kindsOf([record(api.get('/api/echo'))])).toEqual(['complete']);
    expect(server.refreshes).toHaveLength(1);
  });

  it('does not loop on an `expiresAt` by the server’s clock', async () => {
    const { server } = auth;
    vi.useFakeTimers({ toFake: ['Date'], now: realNow() + offset });
    const { api } = setUp((tokens) => ({ ...tokens, expiresAt: realNow() + 60_000 }));
    for (let n = 0; n < 20; n += 1) expect(await kindsOf([record(api.get('/api/echo'))])).toEqual(['complete']);
    // With a clock that is ahead, the stored token counts as expired, once.
    expect(server.refreshes.length).toBe(offset > 0 ? 1 : 0);
    server.expireAccess();
    expect(await kindsOf(herd(5, (path) => api.get(path)))).toEqual(['complete']);
    expect(server.refreshes.length).toBe(offset > 0 ? 2 : 1);
  });
});
