import { StoreFailedError, type SessionOptions } from 'sluice/session';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { record } from '../support/recorder.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { tokensOf } from './fixture.ts';
import { LEASE_MS, MIN_REFRESH_INTERVAL_MS, passAsync, STORE_TIMEOUT_MS } from './shared-fixture.ts';
import { sharedSessions, type HolderSession, type HolderSessionOptions } from './shared-sessions.ts';

failOnUnhandled();
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const unavailable = { error: { name: 'RefreshFailedError', reason: 'unavailable' } };

/** Two holders of a store that can go away for both. */
function twoHolders(options: HolderSessionOptions = {}) {
  const its = sharedSessions();
  const bounds = { storeTimeoutMs: STORE_TIMEOUT_MS, minRefreshIntervalMs: MIN_REFRESH_INTERVAL_MS };
  const [here, there] = its.openMany(2, { ...bounds, ...options }) as [HolderSession, HolderSession];
  const setAway = (isDown: boolean): void => {
    for (const { way } of [here, there]) way.isDown = isDown;
  };
  return { ...its, here, there, setAway };
}

describe('while the shared store is away', () => {
  it('requests go on with a token that is alive', async () => {
    const { here, setAway } = twoHolders();
    setAway(true);
    const request = here.request();
    await passAsync(10);
    expect(request.expectOneOutcome()).toEqual({ kind: 'complete', values: ['ada'] });
    expect(here.session.state.status).toBe('signed-in');
  });

  it('a request with a dead token fails as unavailable; nothing is presented and nobody is signed out', async () => {
    const { server, here, there, setAway } = twoHolders();
    server.expireAccess();
    setAway(true);
    const requests = [here.request(), there.request(), record(here.session.refresh$)];
    await passAsync(STORE_TIMEOUT_MS);
    for (const request of requests) expect(request.expectOneOutcome()).toMatchObject(unavailable);
    expect(server.presented).toEqual([]);
    for (const { session } of [here, there]) expect(session.state).toMatchObject({ status: 'signed-in', owner: 'ada' });
  });

  it('a token near its expiry is used until it is dead, and then not sent', async () => {
    const { server, here, setAway } = twoHolders();
    void here.session.update({ ...server.login(), expiresAt: Date.now() + 60_000 });
    setAway(true);
    await passAsync(58_000);
    const alive = here.request();
    await passAsync(STORE_TIMEOUT_MS);
    expect(alive.values).toEqual(['ada']);
    await passAsync(2_000);
    const { length } = here.sent;
    const dead = here.request();
    await passAsync(STORE_TIMEOUT_MS);
    expect(dead.expectOneOutcome()).toMatchObject(unavailable);
    expect([here.sent.length, server.presented]).toEqual([length, []]);
  });

  it('its outage is reported once by each holder that notices it, without a token', async () => {
    const { server, here, setAway } = twoHolders();
    server.expireAccess();
    setAway(true);
    for (let n = 0; n < 5; n += 1) {
      here.request();
      await passAsync(STORE_TIMEOUT_MS);
    }
    expect(here.story().filter((it) => it.startsWith('store-failed'))).toEqual(['store-failed get Error']);
  });
});

describe('when the shared store is back', () => {
  it('one refresh heals the requests of all holders', async () => {
    const { server, here, there, setAway } = twoHolders();
    server.expireAccess();
    setAway(true);
    record(here.session.refresh$);
    await passAsync(STORE_TIMEOUT_MS);
    setAway(false);
    await passAsync(MIN_REFRESH_INTERVAL_MS);
    const requests = [here.request(), there.request()];
    await passAsync(1_000);
    for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
    expect(server.presented).toEqual(['refresh-ada1-1']);
  });
});

describe('a refresh whose result cannot be stored', () => {
  /** The store goes away for both holders after the server has rotated. */
  async function uncommitted(options: HolderSessionOptions = {}) {
    const its = twoHolders(options);
    const { server, here, setAway } = its;
    here.refresh.mockImplementation(server.refresh(50));
    server.expireAccess();
    const waiting = here.request();
    await passAsync(10);
    setAway(true);
    await passAsync(50);
    return { ...its, waiting };
  }

  it('is not told as done: requests that wait fail as unavailable after storeTimeoutMs', async () => {
    const { here, waiting, content } = await uncommitted();
    await passAsync(STORE_TIMEOUT_MS - 100);
    expect(waiting.settled).toBeUndefined();
    await passAsync(100);
    expect(waiting.expectOneOutcome()).toMatchObject(unavailable);
    expect(here.story()).toContain('refresh-failed unavailable');
    expect(here.session.state).toMatchObject({ status: 'signed-in', tokens: { accessToken: 'access-ada1-1' } });
    expect(content().accessToken).toBe('access-ada1-1');
  });

  it('is kept: its tokens are stored and current in all holders as soon as the store is back', async () => {
    const { server, here, there, setAway, content } = await uncommitted();
    await passAsync(10 * STORE_TIMEOUT_MS);
    setAway(false);
    await passAsync(LEASE_MS / 3);
    expect(content().accessToken).toBe('access-ada1-2');
    for (const { session } of [here, there]) expect(session.state.tokens?.accessToken).toBe('access-ada1-2');
    expect(server.presented).toHaveLength(1);
  });

  it('is stored before this holder refreshes again, without a wait for its next attempt', async () => {
    const { server, here, setAway } = await uncommitted();
    await passAsync(10 * STORE_TIMEOUT_MS);
    setAway(false);
    const request = here.request();
    await passAsync(3);
    expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
    expect(here.sent.at(-1)).toBe('access-ada1-2');
    expect(server.presented).toHaveLength(1);
  });

  it('keeps the other holders from presenting the spent refresh token when the store is back', async () => {
    const { server, there, setAway } = await uncommitted();
    await passAsync(10 * STORE_TIMEOUT_MS);
    setAway(false);
    const request = there.request();
    await passAsync(2 * LEASE_MS);
    expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
    expect([server.presented.length, server.reused]).toEqual([1, []]);
  });

  it.each<[string, (holder: HolderSession) => void, string | null]>([
    ['a sign-out', ({ session }) => void session.signOut(), null],
    ['another sign-in', ({ session }) => void session.signIn(tokensOf('bob')), 'access-bob'],
  ])('is given up and revoked by %s here meanwhile', async (_what, change, held) => {
    const revoke = vi.fn<NonNullable<SessionOptions['revoke']>>(() => []);
    const { here, setAway, content } = await uncommitted({ revoke });
    await passAsync(10 * STORE_TIMEOUT_MS);
    change(here);
    expect(revoke.mock.calls).toContainEqual([expect.objectContaining({ refreshToken: 'refresh-ada1-2' })]);
    setAway(false);
    await passAsync(10_000);
    expect(content().accessToken).toBe(held);
  });

  it('leaves nothing behind when the session is disposed of', async () => {
    const { here, there } = await uncommitted();
    await passAsync(10 * STORE_TIMEOUT_MS);
    for (const { session } of [here, there]) session.dispose();
    expect(vi.getTimerCount()).toBe(0);
  });
});

const writes: [string, (holder: HolderSession) => Promise<void>, string | null][] = [
  ['signOut()', ({ session }) => session.signOut(), null],
  ['signIn()', ({ session }) => session.signIn(tokensOf('bob')), 'access-bob'],
  ['update()', ({ session }) => session.update(tokensOf('sliding')), 'access-sliding'],
];

describe.each(writes)('%s while the shared store is away', (_name, write, held) => {
  it('is in force here at once, and rejects after storeTimeoutMs with StoreFailedError', async () => {
    const { here, setAway } = twoHolders();
    setAway(true);
    const written = write(here);
    const told = vi.fn<(error: unknown) => void>();
    written.catch(told);
    expect(here.session.state.tokens?.accessToken ?? null).toBe(held);
    await passAsync(STORE_TIMEOUT_MS - 1);
    expect(told).not.toHaveBeenCalled();
    await passAsync(1);
    expect(told.mock.calls).toEqual([[expect.any(StoreFailedError)]]);
    expect(told.mock.calls[0]?.[0]).toMatchObject({ code: 'store-failed', cause: { message: 'unreachable' } });
    expect(here.session.state.tokens?.accessToken ?? null).toBe(held);
  });

  it('reaches the store and the other holders when it is back', async () => {
    const { here, there, setAway, content } = twoHolders();
    setAway(true);
    void write(here);
    await passAsync(60_000);
    expect(content().accessToken).toBe('access-ada1-1');
    setAway(false);
    await passAsync(LEASE_MS / 3);
    expect(content().accessToken).toBe(held);
    expect(there.session.state.tokens?.accessToken ?? null).toBe(held);
    expect(here.session.state.tokens?.accessToken ?? null).toBe(held);
  });

  it('is no unhandled rejection if nobody awaits it', async () => {
    const { here, setAway } = twoHolders();
    setAway(true);
    void write(here);
    await passAsync(2 * STORE_TIMEOUT_MS);
    // Checked by failOnUnhandled().
    expect(here.story()).toContain('store-failed get Error');
  });
});

describe('a session that has never read its shared store', () => {
  it('can be signed in to while the store is away', async () => {
    const { open, content } = sharedSessions();
    const { session, way, story } = open({ isDown: true, storeTimeoutMs: STORE_TIMEOUT_MS });
    expect(session.state.status).toBe('unavailable');
    void session.signIn(tokensOf('bob'));
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf('bob') });
    way.isDown = false;
    await passAsync(LEASE_MS / 3);
    expect(content().accessToken).toBe('access-bob');
    expect(story()).not.toContain('signed-out');
  });
});
