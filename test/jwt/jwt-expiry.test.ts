import { createSession, memoryStore } from 'sluice';
import { jwtExpiry } from 'sluice/jwt';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, describe, expect, it, vi } from 'vitest';

const key = new TextEncoder().encode('a secret of thirty-two characters');
const now = Date.UTC(2026, 0, 1);

/** A JWT as a server makes it. */
const tokenOf = (claims: Record<string, unknown>): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(key);

const made = (payload: unknown): string =>
  `${btoa('{"alg":"none"}')}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.`;

afterEach(() => {
  vi.useRealTimers();
});

describe('jwtExpiry', () => {
  it('counts the lifetime from now', async () => {
    const iat = now / 1000;
    expect(jwtExpiry(await tokenOf({ iat, exp: iat + 900 }), now)).toBe(now + 900_000);
  });

  it('reads the current time from the clock', async () => {
    vi.useFakeTimers({ now });
    const iat = now / 1000;
    expect(jwtExpiry(await tokenOf({ iat, exp: iat + 60 }))).toBe(now + 60_000);
  });

  it.each([
    ['an hour slow', -3600],
    ['an hour fast', 3600],
    ['years off', -10 * 365 * 86_400],
  ])('has the same result for a clock that is %s', async (_, wrongBySeconds) => {
    const iat = now / 1000;
    const own = now + wrongBySeconds * 1000;
    expect(jwtExpiry(await tokenOf({ iat, exp: iat + 900 }), own)).toBe(own + 900_000);
  });

  it('reads fractions of seconds, and unsigned tokens', () => {
    expect(jwtExpiry(new UnsecuredJWT({ iat: 0.5, exp: 2 }).encode(), now)).toBe(now + 1500);
  });

  it('reads claims with characters beyond ASCII', () => {
    expect(jwtExpiry(made({ name: 'Zoë 漢', iat: 0, exp: 60 }), now)).toBe(now + 60_000);
  });

  it.each([
    ['no exp', { iat: 1 }],
    ['no iat', { exp: 1 }],
    ['neither', {}],
  ])('is undefined with %s', (_, payload) => {
    expect(jwtExpiry(made(payload), now)).toBeUndefined();
  });

  it.each([
    ['text', { iat: '0', exp: 'soon' }],
    ['an object', { iat: 0, exp: {} }],
    ['null', { iat: 0, exp: null }],
    ['more than a number holds', { iat: 0, exp: 1e308 }],
  ])('is undefined with a claim that is %s', (_, payload) => {
    expect(jwtExpiry(made(payload), now)).toBeUndefined();
  });

  it.each([
    ['an opaque token', 'b6f1c2d0e5'],
    ['the empty text', ''],
    ['two dots', '..'],
    ['no JSON', `a.${btoa('{cut')}.c`],
    ['no Base64', 'a.%%%.c'],
    ['null', made(null)],
    ['five parts, as encrypted tokens have', 'a.b.c.d.e'],
  ])('is undefined for %s, and does not throw', (_, token) => {
    expect(jwtExpiry(token, now)).toBeUndefined();
  });

  it.each([undefined, null, 7, {}])('is undefined for %j from untyped code', (token) => {
    expect(jwtExpiry(token as string, now)).toBeUndefined();
  });

  it('can be spread into a token set that a session accepts', async () => {
    const expiresAt = jwtExpiry(made({ iat: 0, exp: 3600 }));
    const tokens = { accessToken: 'a', ...(expiresAt !== undefined && { expiresAt }) };
    const session = createSession({ store: memoryStore(tokens), refresh: () => [tokens] });
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: { expiresAt } });
    session.dispose();
  });
});
