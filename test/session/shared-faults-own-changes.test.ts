import { NEVER, Subject } from 'rxjs';
import type { TokenSet } from 'sluice/session';
import { expect, it } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { refusal, tokensOf } from './fixture.ts';
import { passAsync } from './shared-fixture.ts';
import { sharedSessions } from './shared-sessions.ts';

/** Longer than a refresh waits for a dead holder. */
const LONG_MS = 60_000;

/** A function of a codec that is asynchronous and changes nothing. */
const passed = (text: string): Promise<string> => Promise.resolve(text);

useFakeTime();

it('a sign-in that could not be stored does not come back after the sign-out that followed it', async () => {
  const { open, server, content } = sharedSessions();
  const here = open();
  here.way.isDown = true;
  void here.session.signIn(server.login('bob'));
  void here.session.signOut();
  here.way.isDown = false;
  await passAsync(LONG_MS);
  expect(here.session.state).toMatchObject({ status: 'signed-out', reason: 'sign-out' });
  expect(here.story().filter((event) => event.startsWith('signed-in'))).toHaveLength(1);
  expect(content()).toEqual({ owner: null, accessToken: null });
});

it('ada’s session does not come back at a holder where bob has signed in during an outage', async () => {
  const { open, server, content } = sharedSessions();
  const here = open();
  here.way.isDown = true;
  void here.session.update(tokensOf('brought'));
  void here.session.signIn(server.login('bob'));
  here.way.isDown = false;
  await passAsync(LONG_MS);
  expect(here.story().filter((event) => event.startsWith('signed-in'))).toHaveLength(1);
  expect(here.session.state.owner).toBe(content().owner);
  expect(content().accessToken).toBe('access-bob2-1');
});

it('update() makes its tokens current although its write ends a refresh that waited for the store', async () => {
  const { open, content } = sharedSessions();
  const [here, there] = [open({ refresh: () => NEVER }), open()];
  here.way.nextSwaps.push('throws after');
  here.session.refresh$.subscribe({ error: () => undefined });
  void there.session.update(tokensOf(2));
  // Longer than the wait before the swap is tried again, and shorter than the next read of the refresh.
  await passAsync(100);
  void here.session.update(tokensOf(3));
  await passAsync(LONG_MS);
  expect(content().accessToken).toBe('access-3');
  expect(here.session.state.tokens?.accessToken).toBe('access-3');
});

it.each([
  ['this holder', 'here', undefined],
  ['another holder, unnoticed by this one,', 'there', undefined],
  ['another holder, unnoticed by this one and with a codec,', 'there', { seal: passed, open: passed }],
] as const)(
  'a refused refresh token is not presented again after %s has got a newer access token for it',
  async (_who, where, codec) => {
    const { open, content } = sharedSessions();
    const answer$ = new Subject<TokenSet>();
    const shared = codec ? { codec } : {};
    const both = { here: open({ ...shared, refresh: () => answer$, deaf: true }), there: open(shared) };
    await passAsync(10);
    both.here.session.refresh$.subscribe({ error: () => undefined });
    void both[where].session.update({ accessToken: 'access-2' });
    await passAsync(10);
    answer$.error(refusal);
    await passAsync(100);
    expect(both.here.session.state).toMatchObject({ status: 'signed-out', reason: 'expired' });
    expect(content()).toEqual({ owner: null, accessToken: null });
  },
);

it('a refused refresh token is removed from the store although another holder had the lease meanwhile, without presenting it', async () => {
  const { open, content } = sharedSessions();
  const answer$ = new Subject<TokenSet>();
  const [here, there] = [open({ refresh: () => answer$ }), open()];
  here.session.refresh$.subscribe({ error: () => undefined });
  there.session.refresh$.subscribe({ error: () => undefined });
  // Newer tokens arrived while that refresh waited: it gives the lease back at once, and presents nothing.
  void there.session.update({ accessToken: 'access-2' });
  await passAsync(10);
  here.way.isDown = true;
  answer$.error(refusal);
  await passAsync(5_000);
  expect(there.refresh).not.toHaveBeenCalled();
  here.way.isDown = false;
  await passAsync(LONG_MS);
  expect(here.session.state).toMatchObject({ status: 'signed-out', reason: 'expired' });
  expect(content()).toEqual({ owner: null, accessToken: null });
});

it('a sign-in whose write only seemed to fail is not adopted as newer tokens when it is found in the store', async () => {
  const { open, server, cell, stored } = sharedSessions();
  const here = open({ refresh: () => NEVER });
  here.way.nextSwaps.push('throws after');
  here.way.afterSwap = () => {
    here.way.afterSwap = undefined;
    // Another holder takes a lease, so that the record no longer tells who has signed in.
    const { version, ...record } = stored()!;
    void cell.swap(version, { ...record, version: version + 1, by: 'another.1' });
  };
  // Tokens that are expired on arrival show that this clock is wrong. If they were found in a store, they would be
  // refreshed.
  void here.session.signIn({ ...server.login('bob'), expiresAt: Date.now() - 1_000 });
  await passAsync(1_000);
  expect(here.story().slice(-1)).toEqual(['signed-in 2']);
  expect(here.session.state.generation).toBe(2);
  here.request();
  expect(here.refresh).not.toHaveBeenCalled();
});

it('a refusal does not end the session when another holder has brought another refresh token meanwhile', async () => {
  const { open, content } = sharedSessions();
  const answer$ = new Subject<TokenSet>();
  const [here, there] = [open({ refresh: () => answer$, deaf: true }), open()];
  here.session.refresh$.subscribe({ error: () => undefined });
  void there.session.update(tokensOf(2));
  answer$.error(refusal);
  await passAsync(LONG_MS);
  expect(here.session.state.tokens?.accessToken).toBe('access-2');
  expect(content().accessToken).toBe('access-2');
});

it('signing out starts no refresh of a cookie session that still waits for the store', async () => {
  const { open } = sharedSessions({ signedIn: false });
  const here = open({ canRefresh: () => true, refresh: () => NEVER });
  here.way.nextSwaps.push('throws after');
  here.session.refresh$.subscribe({ error: () => undefined });
  void here.session.signOut();
  await passAsync(LONG_MS);
  expect(here.refresh).not.toHaveBeenCalled();
});

it('a sign-out elsewhere has effect although it is read while an overtaken refresh ends', async () => {
  const { open } = sharedSessions();
  const answer$ = new Subject<TokenSet>();
  const [here, there] = [open({ refresh: () => answer$ }), open()];
  here.session.refresh$.subscribe({ error: () => undefined });
  void there.session.update(tokensOf(2));
  await passAsync(10);
  here.way.isDown = true;
  void here.session.update({ accessToken: 'access-3', expiresAt: Date.now() + 100 });
  void there.session.signOut();
  await passAsync(1_000);
  here.request();
  here.way.isDown = false;
  // The waiting request needs the next refresh at once, so the store is read before the former refresh has ended.
  answer$.next(tokensOf(4));
  await passAsync(LONG_MS);
  expect(here.session.state).toMatchObject({ status: 'signed-out', reason: 'elsewhere' });
});

it.each([
  ['has taken the lease', []],
  ['has also stored newer access tokens', ['access-2', 'access-3']],
] as const)(
  'a refresh is stored although another holder %s meanwhile, because the old refresh token is spent',
  async (_what, brought) => {
    const { open, content, server, stored } = sharedSessions();
    const answer$ = new Subject<TokenSet>();
    const [here, there] = [open({ refresh: () => answer$ }), open({ refresh: () => NEVER })];
    here.session.refresh$.subscribe({ error: () => undefined });
    here.way.isDown = true;
    for (const accessToken of brought) void there.session.update({ accessToken });
    there.session.refresh$.subscribe({ error: () => undefined });
    await passAsync(5_000);
    expect(there.refresh).toHaveBeenCalledTimes(1);
    here.way.isDown = false;
    answer$.next(server.login());
    await passAsync(LONG_MS);
    expect(content().accessToken).toBe('access-ada2-1');
    expect(there.session.state.tokens?.refreshToken).toBe('refresh-ada2-1');
    expect(stored()?.lease).toBeUndefined();
  },
);
