import { defer, from, map, of, timer } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { record } from '../support/recorder.ts';
import { after, late, refusal, tokensOf } from './fixture.ts';
import { LEASE_MS, passAsync } from './shared-fixture.ts';
import { sharedSessions, type HolderSession } from './shared-sessions.ts';

useFakeTime();

const accessTokens = (holders: readonly HolderSession[]): unknown[] =>
  holders.map(({ session }) => session.state.tokens?.accessToken);

it.each([
  ['that are notified of changes', false],
  ['that are notified of nothing', true],
])(
  'a refused refresh token is presented once by five holders %s, and all fail with SessionExpiredError',
  async (_what, deaf) => {
    const { server, openMany, content } = sharedSessions();
    const holders = openMany(5, { deaf });
    server.expireAccess();
    server.endSignIns();
    const requests = holders.map(({ request }) => request());
    await passAsync(10_000);
    expect(server.presented).toHaveLength(1);
    expect(content().owner).toBeNull();
    for (const { session } of holders) expect(session.state).toMatchObject({ status: 'signed-out', reason: 'expired' });
    for (const request of requests)
      expect(request.expectOneOutcome()).toMatchObject({ error: { name: 'SessionExpiredError' } });
  },
);

it('a holder whose refresh is refused because another one was quicker leaves the winner’s tokens in the store', async () => {
  const { server, open, content } = sharedSessions();
  const loser = open({ refresh: () => late(50, refusal) });
  const winner = open();
  server.expireAccess();
  const lost = loser.request();
  await passAsync(10);
  loser.stop();
  const won = winner.request();
  await passAsync(2 * LEASE_MS);
  expect(won.values).toEqual(['ada']);
  loser.resume();
  await passAsync(1_000);
  expect(content().accessToken).toBe('access-ada1-2');
  expect(accessTokens([loser, winner])).toEqual(['access-ada1-2', 'access-ada1-2']);
  expect(lost.expectOneOutcome()).toMatchObject({ values: ['ada'] });
  expect(loser.story()).not.toContain('signed-out expired');
});

it('a holder that was suspended past its lease does not overwrite its successor’s tokens', async () => {
  const { server, open, content } = sharedSessions();
  const stopped = open({ refresh: () => after(50, tokensOf('outdated')) });
  const other = open();
  server.expireAccess();
  const first = stopped.request();
  await passAsync(10);
  stopped.stop();
  other.request();
  await passAsync(2 * LEASE_MS);
  stopped.resume();
  await passAsync(10_000);
  expect(content().accessToken).toBe('access-ada1-2');
  expect(accessTokens([stopped, other])).toEqual(['access-ada1-2', 'access-ada1-2']);
  expect(first.expectOneOutcome()).toMatchObject({ values: ['ada'] });
});

describe('refreshed tokens whose first writes fail', () => {
  it('are written again: the other holder adopts them and does not present the spent refresh token', async () => {
    const { server, open, content } = sharedSessions();
    const [here, there] = [open({ refresh: server.refresh(50) }), open()];
    server.expireAccess();
    const requests = [here.request(), there.request()];
    await passAsync(10);
    here.way.nextSwaps.push('throws before', 'throws before', 'throws before');
    await passAsync(2_000);
    for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
    expect(content().accessToken).toBe('access-ada1-2');
    expect(server.presented).toHaveLength(1);
  });

  it('are recognised as stored when the write only seemed to fail', async () => {
    const { server, open } = sharedSessions();
    const here = open();
    here.way.nextSwaps.push('works', 'throws after');
    record(here.session.refresh$);
    await passAsync(1_000);
    expect(here.story().at(-1)).toBe('refresh-succeeded 2');
    expect(server.presented).toHaveLength(1);
  });
});

it('a refresh token that was replaced without the access token is noticed: the spent one is not presented', async () => {
  const { server, open } = sharedSessions();
  const [here, there] = [open({ deaf: true, refresh: () => of(tokensOf(9)) }), open()];
  void there.session.update({ accessToken: 'access-ada1-1', refreshToken: 'refresh-rotated' });
  server.expireAccess();
  here.request();
  await passAsync(1_000);
  expect(here.refresh.mock.calls.map(([current]) => current?.refreshToken)).toEqual(['refresh-rotated']);
});

describe('five tabs of a session whose refresh token is a cookie', () => {
  const cookieTabs = (signedIn: boolean) => {
    let n = 0;
    const refresh = vi.fn(() => defer(() => timer(50).pipe(map(() => ({ accessToken: `access-cookie-${(n += 1)}` })))));
    const its = sharedSessions({ signedIn });
    return { ...its, refresh, tabs: its.openMany(5, { canRefresh: () => true, refresh }) };
  };

  it('make one refresh for each expiry, and all have the new access token', async () => {
    const { server, refresh, tabs } = cookieTabs(true);
    server.expireAccess();
    for (const { request } of tabs) request();
    await passAsync(100);
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(accessTokens(tabs)).toEqual(Array(5).fill('access-cookie-1'));
  });

  it('restore an empty store once, with one owner in all of them', async () => {
    const { refresh, tabs, content } = cookieTabs(false);
    for (const { session } of tabs) session.refresh$.subscribe({ error: () => undefined });
    await passAsync(1_000);
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(new Set(tabs.map(({ session }) => session.state.owner))).toEqual(new Set([content().owner]));
    expect(content().owner).not.toBeNull();
  });
});

it('an API that rejects every token sees one refresh from five holders, and each request gets its 401', async () => {
  const { server, openMany } = sharedSessions();
  const holders = openMany(5, { minRefreshIntervalMs: 60_000 });
  server.rejectAll();
  const requests = holders.map(({ request }) => request());
  await passAsync(10_000);
  for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ error: { status: 401 } });
  const again = holders.map(({ request }) => request());
  await passAsync(10_000);
  for (const request of again) expect(request.expectOneOutcome()).toMatchObject({ error: { status: 401 } });
  expect(server.presented).toHaveLength(1);
});

it.each([
  ['at the same time', 0],
  ['one after another', 100],
])(
  'an API that rejects every token sees one refresh from five holders without change notifications that send %s',
  async (_what, apartMs) => {
    const { server, openMany } = sharedSessions();
    const holders = openMany(5, { deaf: true });
    server.rejectAll();
    const requests = [];
    for (const { request } of holders) {
      requests.push(request());
      await passAsync(apartMs);
    }
    await passAsync(10_000);
    for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ error: { status: 401 } });
    expect(server.presented).toHaveLength(1);
  },
);

it('tokens that have expired in the store are refreshed before a request is sent with them', async () => {
  const { server, open } = sharedSessions();
  const [here, there] = [open({ deaf: true }), open()];
  const { accessToken: dead, refreshToken } = server.login('ada');
  void there.session.update({ accessToken: dead, refreshToken, expiresAt: Date.now() + 60_000 });
  await passAsync(3_600_000);
  server.expireAccess();
  const request = here.request();
  await passAsync(1_000);
  expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
  expect(here.sent).toEqual(['access-ada1-1', 'access-ada2-2']);
  expect(server.presented).toEqual(['refresh-ada2-1']);
});

it('two tabs whose token expires at once are still signed in after a reload, although the server refuses a second use', async () => {
  const { server, open } = sharedSessions();
  const tabs = [open(), open()];
  server.expireAccess();
  const requests = tabs.map(({ request }) => request());
  await passAsync(1_000);
  for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
  for (const { session } of tabs) session.dispose();
  const reloaded = open();
  expect(reloaded.session.state).toMatchObject({ status: 'signed-in', owner: 'ada' });
  const request = reloaded.request();
  await passAsync(10);
  expect(request.values).toEqual(['ada']);
  expect(server.reused).toEqual([]);
});

// The record of the signed-out session has the reason `expired`, which the other holders read.
it('a refused refresh signs the other holders out with the reason `expired`, and not as a sign-out elsewhere', async () => {
  const { server, open } = sharedSessions();
  const [here, there] = [open(), open()];
  server.endSignIns();
  here.session.refresh$.subscribe({ error: () => undefined });
  await passAsync(1_000);
  expect(there.session.state).toMatchObject({ status: 'signed-out', reason: 'expired' });
  expect(there.story().at(-1)).toBe('signed-out expired');
});

it.each([
  ['at once', 0],
  ['later than minRefreshIntervalMs', 2_000],
])(
  'tokens that live for less than refreshLeewayMs are not refreshed once more by a holder that uses them %s',
  async (_what, laterMs) => {
    const { server, openMany } = sharedSessions();
    const refresh = server.refresh(50);
    const holders = openMany(3, {
      minRefreshIntervalMs: 0,
      refresh: (...args) =>
        from(refresh(...args)).pipe(map((tokens) => ({ ...tokens, expiresAt: Date.now() + 20_000 }))),
    });
    for (let round = 1; round <= 3; round += 1) {
      server.expireAccess();
      const requests = holders.map(({ request }) => request());
      await passAsync(500);
      for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
      await passAsync(laterMs);
      for (const { request } of holders) request();
      await passAsync(500);
      expect(server.presented).toHaveLength(round);
    }
  },
);
