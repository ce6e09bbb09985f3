import { inspect } from 'node:util';
import { SessionExpiredError, type SessionEvent, type TokenSet } from 'sluice';
import { testClient, testSession } from 'sluice/testing';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { expectNoToken } from '../support/no-token.ts';
import { record } from '../support/recorder.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();
afterEach(() => void vi.useRealTimers());

const first = { accessToken: 'access-1', refreshToken: 'refresh-1' };
const second = { accessToken: 'access-2', refreshToken: 'refresh-2' };

describe('testSession()', () => {
  it('is signed in from the start, with numbered tokens', () => {
    const { session, refreshes } = testSession();
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: first, generation: 1 });
    expect(refreshes).toEqual([]);
  });

  it('starts with the tokens that it is given, or with nobody', () => {
    expect(testSession({ tokens: { accessToken: 'mine' } }).session.state.tokens).toEqual({ accessToken: 'mine' });
    expect(testSession({ tokens: null }).session.state).toMatchObject({ status: 'signed-out', tokens: null });
  });

  it('has a real session: one refresh for all requests, with all events', async () => {
    const { session, refreshes, nextRefresh } = testSession();
    const events: SessionEvent['type'][] = [];
    session.events$.subscribe(({ type }) => events.push(type));
    const { api, http } = testClient({ session });
    const seen = ['/a', '/b', '/c'].map((url) => record(api.get(url)));
    for (const { outcome: _, ...one } of seen) expect(one.settled).toBeUndefined();
    for (const url of ['/a', '/b', '/c']) (await http.next(url)).flush(null, { status: 401 });
    const refresh = await nextRefresh();
    await http.settled();
    expect(refreshes).toHaveLength(1);
    expect([refresh.reason, refresh.tokens, refresh.pending, refresh.cancelled]).toEqual([
      'unauthorized',
      first,
      true,
      false,
    ]);
    expect(session.state.status).toBe('refreshing');

    refresh.succeed();
    expect([session.state.status, session.state.tokens, refresh.pending]).toEqual(['signed-in', second, false]);
    for (const url of ['/a', '/b', '/c']) (await http.next(url)).flush(url);
    const outcomes = await Promise.all(seen.map(({ outcome }) => outcome));
    expect(outcomes.map(({ values }) => values)).toEqual([['/a'], ['/b'], ['/c']]);
    expect(events).toEqual([
      'restored',
      'refresh-started',
      'refresh-succeeded',
      'request-resent',
      'request-resent',
      'request-resent',
    ]);
  });
});

describe('a refresh that the test settles', () => {
  it('succeeds with the tokens that the test gives', async () => {
    const { session, nextRefresh } = testSession();
    const tokens = firstValueFrom(session.refresh$);
    (await nextRefresh()).succeed({ accessToken: 'given' });
    expect(await tokens).toEqual({ accessToken: 'given', refreshToken: 'refresh-1' });
  });

  it('keeps the app’s own fields of the tokens, and gives new ones that expire in an hour', async () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 });
    const tokens = { ...first, expiresAt: 1_800_000_100_000, role: 'admin' };
    const { session, nextRefresh } = testSession<TokenSet & { readonly role: string }>({ tokens });
    session.refresh$.subscribe();
    (await nextRefresh()).succeed();
    expect(session.state.tokens).toEqual({ ...second, expiresAt: 1_800_003_600_000, role: 'admin' });
  });

  it('fails for good by default, which signs out', async () => {
    const { session, nextRefresh } = testSession();
    const seen = record(session.refresh$);
    (await nextRefresh()).fail();
    expect(seen.settled).toMatchObject({ kind: 'error', error: expect.any(SessionExpiredError) });
    expect(session.state).toMatchObject({ status: 'signed-out', reason: 'expired' });
  });

  it('fails with the error that the test gives; after a temporary one, such as a TypeError, the session stays signed in', async () => {
    const { session, nextRefresh } = testSession();
    const seen = record(session.refresh$);
    (await nextRefresh()).fail(new TypeError('Failed to fetch'));
    expect(seen.settled).toMatchObject({ kind: 'error', error: { name: 'RefreshFailedError', reason: 'unavailable' } });
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: first });
  });

  it('is cancelled when its owner signs out, and cannot be settled then', async () => {
    const { session, nextRefresh } = testSession();
    session.refresh$.subscribe({ error: () => undefined });
    const refresh = await nextRefresh();
    await session.signOut();
    expect([refresh.cancelled, refresh.pending]).toEqual([true, false]);
    expect(() => refresh.succeed()).toThrow('This refresh is not pending: the session has cancelled it.');
  });

  it('can be settled only once', async () => {
    const { session, nextRefresh } = testSession();
    session.refresh$.subscribe();
    const refresh = await nextRefresh();
    refresh.succeed();
    expect(() => refresh.fail()).toThrow('This refresh is not pending: it has been settled already.');
    await session.signOut();
    expect(refresh.cancelled).toBe(false);
  });

  it('is followed by another one to settle when it fails with a 503 and is retried', async () => {
    vi.useFakeTimers();
    const { session, refreshes, nextRefresh } = testSession({
      refreshRetries: { count: 1, initialDelayMs: 100, jitter: 0 },
    });
    session.refresh$.subscribe();
    (await nextRefresh()).fail(Object.assign(new Error('busy'), { status: 503 }));
    await vi.advanceTimersByTimeAsync(100);
    (await nextRefresh()).succeed();
    expect(refreshes.map(({ pending }) => pending)).toEqual([false, false]);
    expect(session.state.tokens?.accessToken).toBe('access-3');
  });

  it('is awaited by nextRefresh() for one second of real time, even under fake timers', async () => {
    vi.useFakeTimers();
    await expect(testSession().nextRefresh()).rejects.toThrow('Waited 1000 ms for a refresh; there was none.');
  });

  it('shows no token when a failed test prints it', async () => {
    const setup = testSession();
    setup.session.refresh$.subscribe({ error: () => undefined });
    const refresh = await setup.nextRefresh();
    const printed = [inspect(setup.refreshes, { depth: Infinity }), JSON.stringify(refresh)];
    expect(() => expect(refresh).toEqual(1)).toThrow(/^(?!.*(access|refresh)-1)/s);
    expectNoToken(printed, ['access-', 'refresh-1']);
    refresh.fail();
  });
});

describe('expire()', () => {
  it('lets the next request refresh before it is sent', async () => {
    const { session, expire, nextRefresh } = testSession();
    const { api, http } = testClient({ session });
    expire();
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: first, generation: 2 });
    expect(session.state.tokens?.expiresAt).toBeLessThan(Date.now());
    const users = firstValueFrom(api.get('/users'));
    const refresh = await nextRefresh();
    expect(refresh.reason).toBe('expiring');
    http.expectNone('/users');
    refresh.succeed();
    const request = await http.next('/users');
    expect([request.attempt, request.config.headers.get('Authorization')]).toEqual([1, 'Bearer access-2']);
    request.flush([]);
    expect(await users).toEqual([]);
  });

  it('keeps the owner, so that requests and listeners of the owner go on', () => {
    const { session, expire } = testSession();
    const { owner } = session.state;
    const events: SessionEvent['type'][] = [];
    session.events$.subscribe(({ type }) => events.push(type));
    expire();
    expect(session.state.owner).toBe(owner);
    expect(events).toEqual(['restored', 'tokens-adopted']);
  });

  it('works again after each refresh and each sign-in', async () => {
    const { session, expire, nextRefresh } = testSession();
    for (const name of ['access-2', 'access-3']) {
      expire();
      const tokens = firstValueFrom(session.validTokens());
      (await nextRefresh()).succeed();
      expect((await tokens)?.accessToken).toBe(name);
    }
    await session.signIn({ accessToken: 'other', refreshToken: 'r' });
    expire();
    const tokens = firstValueFrom(session.validTokens());
    (await nextRefresh()).succeed();
    expect((await tokens)?.accessToken).toBe('access-4');
  });

  it('during a refresh lets its requests go on waiting', async () => {
    const { session, expire, nextRefresh, refreshes } = testSession();
    const { api, http } = testClient({ session });
    expire();
    const users = firstValueFrom(api.get('/users'));
    const refresh = await nextRefresh();
    expire();
    await http.settled();
    http.expectNone('/users');
    refresh.succeed();
    (await http.next('/users')).flush(1);
    expect([await users, refreshes.length]).toEqual([1, 1]);
  });

  it('a request in flight is resent after one refresh', async () => {
    const { session, expire, nextRefresh, refreshes } = testSession();
    const { api, http } = testClient({ session });
    const users = firstValueFrom(api.get('/users'));
    const old = await http.next('/users');
    expire();
    old.flush(null, { status: 401 });
    (await nextRefresh()).succeed();
    const resent = await http.next('/users');
    expect(resent.config.headers.get('Authorization')).toBe('Bearer access-2');
    resent.flush(1);
    expect([await users, refreshes.length]).toEqual([1, 1]);
  });

  it('throws while nobody is signed in', async () => {
    const { session, expire } = testSession();
    await session.signOut();
    expect(expire).toThrow('expire() needs somebody who is signed in.');
    session.dispose();
    expect(expire).toThrow('expire() needs somebody who is signed in.');
  });
});

describe('the options of testSession()', () => {
  it.for(['refresh', 'store'])('throws for %s, and says what to use instead', (name) => {
    expect(() => testSession({ [name]: () => undefined })).toThrow(`testSession() takes no \`${name}\``);
  });

  it('are those of createSession()', async () => {
    const revoked: TokenSet[] = [];
    const { session } = testSession({ revoke: (tokens) => [revoked.push(tokens)] });
    await session.signOut();
    expect(revoked).toEqual([first]);
    expect(() => testSession({ refreshLeewayMs: -1 })).toThrow('createSession(): refreshLeewayMs takes milliseconds');
    expect(() => testSession({ misspelt: 1 } as never)).toThrow('testSession() knows no misspelt');
    expect(() => testSession({ tokens: {} as never })).toThrow('memoryStore() takes');
  });

  it('an `ownerOf` that throws is reported, and the session goes on', () => {
    const ownerOf = (): never => {
      throw new Error('no name');
    };
    const { session } = testSession({ ownerOf });
    const events: SessionEvent[] = [];
    session.events$.subscribe((event) => events.push(event));
    expect(session.state.status).toBe('signed-in');
    const failed = events.filter(({ type }) => type === 'callback-failed');
    expect(failed.every((event) => 'callback' in event && event.callback === 'ownerOf')).toBe(true);
  });

  it('a session with tokens of a type of the app serves a test client', async () => {
    const tokens = { accessToken: 'a', role: 'admin' };
    const { session } = testSession<TokenSet & { readonly role: string }>({ tokens });
    const { api, http } = testClient({ session });
    const got = firstValueFrom(api.get('/x'));
    (await http.next('/x')).flush(session.state.tokens?.role);
    expect(await got).toBe('admin');
  });

  it('a cookie session without tokens gets its first ones by a refresh', async () => {
    const { session, nextRefresh } = testSession({ tokens: null, canRefresh: () => true });
    session.refresh$.subscribe();
    const refresh = await nextRefresh();
    expect(refresh.tokens).toBeNull();
    refresh.succeed();
    expect(session.state.tokens).toEqual(second);
  });
});
