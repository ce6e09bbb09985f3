import type { SessionOptions } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { record } from '../support/recorder.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { tokensOf } from './fixture.ts';
import { LEASE_MS, MIN_REFRESH_INTERVAL_MS, passAsync, STORE_TIMEOUT_MS } from './shared-fixture.ts';
import { twoHolders, type HolderSession, type HolderSessionOptions } from './shared-sessions.ts';

failOnUnhandled();
useFakeTime();

const unavailable = { error: { name: 'RefreshFailedError', reason: 'unavailable' } };

describe('while the shared store cannot be reached,', () => {
  it('requests are sent with a token that is still valid', async () => {
    const { here, setAway } = twoHolders();
    setAway(true);
    const request = here.request();
    await passAsync(10);
    expect(request.expectOneOutcome()).toEqual({ kind: 'complete', values: ['ada'] });
    expect(here.session.state.status).toBe('signed-in');
  });

  it('a request with a dead token fails as unavailable; no refresh token is presented and nobody is signed out', async () => {
    const { server, here, there, setAway } = twoHolders();
    server.expireAccess();
    setAway(true);
    const requests = [here.request(), there.request(), record(here.session.refresh$)];
    await passAsync(STORE_TIMEOUT_MS);
    for (const request of requests) expect(request.expectOneOutcome()).toMatchObject(unavailable);
    expect(server.presented).toEqual([]);
    for (const { session } of [here, there]) expect(session.state).toMatchObject({ status: 'signed-in', owner: 'ada' });
  });

  it('a token close to its expiry is used until it expires, and then not sent', async () => {
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

  it('the outage is reported once, without a token, however many requests fail by it', async () => {
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

describe('when the shared store can be reached again,', () => {
  it('one refresh serves the requests of all holders', async () => {
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
  /** The store becomes unreachable for both holders after the server has rotated. */
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

  it('does not end as successful: waiting requests fail as unavailable after storeTimeoutMs', async () => {
    const { here, waiting, content } = await uncommitted();
    await passAsync(STORE_TIMEOUT_MS - 100);
    expect(waiting.settled).toBeUndefined();
    await passAsync(100);
    expect(waiting.expectOneOutcome()).toMatchObject(unavailable);
    expect(here.story()).toContain('refresh-failed unavailable');
    expect(here.session.state).toMatchObject({ status: 'signed-in', tokens: { accessToken: 'access-ada1-1' } });
    expect(content().accessToken).toBe('access-ada1-1');
  });

  it('is kept: its tokens are stored and current in all holders as soon as the store can be reached', async () => {
    const { server, here, there, setAway, content } = await uncommitted();
    await passAsync(10 * STORE_TIMEOUT_MS);
    setAway(false);
    await passAsync(LEASE_MS / 3);
    expect(content().accessToken).toBe('access-ada1-2');
    for (const { session } of [here, there]) expect(session.state.tokens?.accessToken).toBe('access-ada1-2');
    expect(server.presented).toHaveLength(1);
  });

  it('becomes current in the refreshing session once it is stored at last, although the cell has no `news$`', async () => {
    const { here, setAway } = await uncommitted({ deaf: true });
    await passAsync(10 * STORE_TIMEOUT_MS);
    setAway(false);
    await passAsync(LEASE_MS / 3);
    expect(here.session.state.tokens?.accessToken).toBe('access-ada1-2');
    expect(here.story().at(-1)).toBe('tokens-adopted 2');
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

  it('keeps the other holders from presenting the spent refresh token when the store can be reached again', async () => {
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
  ])('is dropped and revoked after %s here', async (_what, change, held) => {
    const revoke = vi.fn<NonNullable<SessionOptions['revoke']>>(() => []);
    const { here, setAway, content } = await uncommitted({ revoke });
    await passAsync(10 * STORE_TIMEOUT_MS);
    change(here);
    expect(revoke.mock.calls).toContainEqual([expect.objectContaining({ refreshToken: 'refresh-ada1-2' })]);
    setAway(false);
    await passAsync(10_000);
    expect(content().accessToken).toBe(held);
  });

  it.each<[string, boolean, (holder: HolderSession) => void]>([
    ['a sign-out that `news$` reports', false, ({ session }) => void session.signOut()],
    ['a sign-out that its next attempt finds', true, ({ session }) => void session.signOut()],
    ['another sign-in that `news$` reports', false, ({ session }) => void session.signIn(tokensOf('bob'))],
    ['another sign-in that its next attempt finds', true, ({ session }) => void session.signIn(tokensOf('bob'))],
  ])('is revoked once when it is overtaken elsewhere by %s', async (_what, deaf, change) => {
    const revoke = vi.fn<NonNullable<SessionOptions['revoke']>>(() => []);
    const { here, there, setAway } = await uncommitted({ revoke, deaf });
    await passAsync(10 * STORE_TIMEOUT_MS);
    there.way.isDown = false;
    change(there);
    await passAsync(100);
    setAway(false);
    await passAsync(10_000);
    const refreshed = revoke.mock.calls.filter(([tokens]) => tokens.refreshToken === 'refresh-ada1-2');
    expect(refreshed).toHaveLength(1);
    expect(here.session.state.owner).toBe(there.session.state.owner);
  });

  it('leaves no timer behind when the session is disposed of', async () => {
    const { here, there } = await uncommitted();
    await passAsync(10 * STORE_TIMEOUT_MS);
    for (const { session } of [here, there]) session.dispose();
    expect(vi.getTimerCount()).toBe(0);
  });
});
