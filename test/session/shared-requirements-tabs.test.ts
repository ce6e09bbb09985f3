import { memoryCell, sharedStore, type StoredSession } from 'sluice/session';
import { NEVER, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { record } from '../support/recorder.ts';
import { apiOf, changed, refusal, setUp, tokensOf } from './fixture.ts';
import { rotatingServer } from './rotating-server.ts';
import { LEASE_MS, passAsync } from './shared-fixture.ts';
import { recordOf, sharedSessions, type HolderSession } from './shared-sessions.ts';

useFakeTime();

describe.each([
  ['on one store object, as lazily loaded parts of an app have it', true],
  ['on stores of their own over one cell, as two copies of the package have it', false],
])('sessions in one document %s', (_how, isOneStore) => {
  it('present each refresh token once over many expiries of the access token', async () => {
    const server = rotatingServer();
    const cell = memoryCell<StoredSession>(recordOf(server.login()));
    const store = sharedStore(cell);
    const sessions = Array.from({ length: 3 }, () => {
      const { session } = setUp({ store: isOneStore ? store : sharedStore(cell), refresh: server.refresh(20) });
      return apiOf(session, server.respond);
    });
    for (let life = 1; life <= 4; life += 1) {
      server.expireAccess();
      const requests = sessions.flatMap(({ get$ }) => [record(get$), record(get$)]);
      await passAsync(2_000);
      for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
      expect(server.presented).toHaveLength(life);
    }
    expect(server.reused).toEqual([]);
  });
});

it('a sign-in and a sign-out reach another session of the same document at once', () => {
  const { open } = sharedSessions();
  const [one, other] = [open(), open()];
  void one.session.signOut();
  expect(other.session.state).toMatchObject({ status: 'signed-out', reason: 'elsewhere' });
  void other.session.signIn(tokensOf('bob'));
  expect(one.session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf('bob') });
  expect(one.session.state.owner).toBe(other.session.state.owner);
});

it('a refusal of tokens that were replaced in the store meanwhile signs nobody out: the newer ones are adopted', async () => {
  const { server, open, content } = sharedSessions();
  const there = open();
  const replaced = server.login();
  const here = open({
    deaf: true,
    refresh: () => {
      void there.session.update(replaced);
      return throwError(() => refusal);
    },
  });
  server.expireAccess();
  here.request();
  await passAsync(1_000);
  expect(here.session.state).toMatchObject({ status: 'signed-in', owner: 'ada', tokens: replaced });
  expect(content().accessToken).toBe(replaced.accessToken);
  expect(here.story().concat(there.story()).join()).not.toContain('signed-out');
});

describe('the refusal of a tab’s refresh', () => {
  it('empties the store when it still contains what was refused', async () => {
    const { server, open, content } = sharedSessions();
    const { session } = open();
    server.endSignIns();
    record(session.refresh$);
    await passAsync(1_000);
    expect(content()).toEqual({ owner: null, accessToken: null });
  });

  it('leaves the store alone when somebody has signed in since', async () => {
    const { open, content } = sharedSessions();
    const there = open();
    const here = open({
      deaf: true,
      refresh: () => {
        void there.session.signIn(tokensOf('bob'));
        return throwError(() => refusal);
      },
    });
    const refreshed = record(here.session.refresh$);
    await passAsync(1_000);
    expect(content().accessToken).toBe('access-bob');
    expect(refreshed.expectOneOutcome()).toMatchObject({ error: changed });
    expect(here.session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf('bob') });
  });
});

describe.each<[string, number]>([
  ['before the refresh token is presented', 4],
  ['while the server answers', 30],
  ['while the result is written', 56],
])('a sign-out during another tab’s refresh, %s,', (_when, ms) => {
  it.each(['at once', 'late', 'never'])(
    'is not undone when its change notification comes %s: the store stays empty',
    async (news) => {
      const { server, openMany, content } = sharedSessions();
      const tabs = openMany(3, { refresh: server.refresh(50), deaf: news === 'never' });
      const [refreshing, waiting, leaving] = tabs as [HolderSession, HolderSession, HolderSession];
      // The 401 arrives at 1 ms, the lease is taken at 5, and the response arrives at 55 and is written at 57.
      refreshing.way.delayMs = 2;
      server.expireAccess();
      const requests = [refreshing.request()];
      await passAsync(Math.min(ms, 10));
      if (ms > 10) requests.push(waiting.request());
      await passAsync(Math.max(ms - 10, 0));
      if (news === 'late') for (const tab of [refreshing, waiting]) tab.stop();
      void leaving.session.signOut();
      await passAsync(100);
      if (news === 'late') for (const tab of [refreshing, waiting]) tab.resume();
      await passAsync(10_000);
      expect(content().owner).toBeNull();
      for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ error: changed });
      // A tab without change notifications learns of the sign-out when its token is rejected.
      for (const { request } of tabs) request();
      await passAsync(1_000);
      for (const { session } of tabs) expect(session.state).toMatchObject({ status: 'signed-out', tokens: null });
    },
  );
});

describe('a tab that was suspended while another one signed out and in', () => {
  it.each([
    ['as another person', 'bob'],
    ['as the same person', 'ada'],
  ])('has another owner when it continues (%s), and sends nothing of the former one', async (_who, user) => {
    const { server, open } = sharedSessions();
    const [here, there] = [open({ refresh: server.refresh(50) }), open()];
    server.expireAccess();
    const waiting = here.request();
    await passAsync(10);
    here.stop();
    await there.session.signOut();
    await there.session.signIn(server.login(user));
    here.resume();
    await passAsync(1_000);
    expect(waiting.expectOneOutcome()).toMatchObject({ error: changed });
    expect(here.sent).toEqual(['access-ada1-1']);
    expect(here.session.state.owner).toBe(there.session.state.owner);
    expect(here.session.state.owner).not.toBe('ada');
    const next = here.request();
    await passAsync(10);
    expect(next.values).toEqual([user]);
  });
});

describe('a tab with the right to refresh', () => {
  it('delays the others, if it is frozen, by no more than its lease and two polls', async () => {
    const { server, open } = sharedSessions();
    const [frozen, other] = [open({ refresh: () => NEVER }), open()];
    server.expireAccess();
    frozen.request();
    await passAsync(10);
    frozen.stop();
    const request = other.request();
    await passAsync(LEASE_MS + 2 * 250 + 10);
    expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
  });

  it('keeps that right while it runs, as long as a refresh may take', async () => {
    const { server, openMany } = sharedSessions();
    const tabs = openMany(3, { refresh: server.refresh(29_000) });
    server.expireAccess();
    const requests = tabs.map(({ request }) => request());
    await passAsync(30_000);
    for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
    expect(server.presented).toHaveLength(1);
  });
});

it('a request that waits in one tab is sent as soon as another tab has stored new tokens', async () => {
  const { server, open } = sharedSessions();
  const [here, there] = [open({ refresh: server.refresh(50) }), open({ refresh: server.refresh(50) })];
  server.expireAccess();
  const requests = [here.request(), there.request()];
  // One millisecond for the 401, 50 for the refresh, one for the response.
  await passAsync(51);
  expect(here.sent.concat(there.sent).filter((token) => token === 'access-ada1-2')).toHaveLength(2);
  await passAsync(1);
  for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
});
