import { NEVER } from 'rxjs';
import type { Session } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { record } from '../support/recorder.ts';
import { after, changed, tokensOf } from './fixture.ts';
import { LEASE_MS, passAsync } from './shared-fixture.ts';
import { sharedSessions, type HolderSession } from './shared-sessions.ts';

useFakeTime();

describe('while a write to a shared store is in flight,', () => {
  it('another holder’s sign-out of that sign-in has effect, although the write has not been confirmed here', async () => {
    const { open, content } = sharedSessions();
    const [here, there] = [open(), open()];
    here.way.delayMs = 10;
    here.way.afterSwap = () => void there.session.signOut();
    void here.session.signIn(tokensOf('bob'));
    await passAsync(1_000);
    expect(content().owner).toBeNull();
    expect(here.session.state).toMatchObject({ status: 'signed-out', reason: 'elsewhere', tokens: null });
    expect(there.session.state).toMatchObject({ status: 'signed-out', tokens: null });
  });

  it('an update() does not overwrite what another holder has refreshed since: that becomes current', async () => {
    const { open, content } = sharedSessions();
    const [here, there] = [open(), open()];
    here.way.delayMs = 10;
    void here.session.update(tokensOf('sliding'));
    await passAsync(5);
    record(there.session.refresh$);
    await passAsync(1_000);
    expect(content().accessToken).toBe('access-ada1-2');
    for (const { session } of [here, there]) expect(session.state.tokens?.accessToken).toBe('access-ada1-2');
  });

  it('a sign-out and a sign-in are written in order, and all holders end with the last one', async () => {
    const { open, content } = sharedSessions();
    const [here, there] = [open(), open()];
    here.way.delayMs = 10;
    void here.session.signOut();
    void here.session.signIn(tokensOf('bob'));
    void here.session.signOut();
    void here.session.signIn(tokensOf('carol'));
    await passAsync(1_000);
    expect(content().accessToken).toBe('access-carol');
    for (const { session } of [here, there]) {
      expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf('carol') });
      expect(session.state.owner).toBe(content().owner);
    }
  });

  it('a refresh that another holder’s has overtaken succeeds with the tokens of that one', async () => {
    const { server, open, content } = sharedSessions();
    const [here, there] = [open({ refresh: () => after(50, tokensOf('outdated')) }), open()];
    server.expireAccess();
    const refreshed = record(here.session.refresh$);
    await passAsync(40);
    here.way.delayMs = 20;
    await passAsync(20);
    // Suspend this process: its swap has been called, and waits before it reaches the cell.
    here.stop();
    there.request();
    await passAsync(2 * LEASE_MS);
    here.resume();
    await passAsync(1_000);
    expect(refreshed.values).toMatchObject([{ accessToken: 'access-ada1-2' }]);
    expect(here.session.state).toMatchObject({ status: 'signed-in', tokens: { accessToken: 'access-ada1-2' } });
    expect(content().accessToken).toBe('access-ada1-2');
  });
});

describe('a refresh of a shared store', () => {
  it('is the only one, although another holder’s update() brings tokens meanwhile that are rejected', async () => {
    const { server, openMany } = sharedSessions();
    const [refreshing, updating, third] = openMany(3, { refresh: server.refresh(50) }) as [
      HolderSession,
      HolderSession,
      HolderSession,
    ];
    server.expireAccess();
    const requests = [refreshing.request()];
    await passAsync(10);
    void updating.session.update({ accessToken: 'access-dead', refreshToken: 'refresh-ada1-1' });
    requests.push(third.request());
    await passAsync(20);
    expect(server.presented).toHaveLength(1);
    await passAsync(1_000);
    for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
    expect(server.reused).toEqual([]);
  });

  it.each(['dispose', 'signOut'] as const)(
    'lets another session refresh at once when its own session ends by %s',
    async (method) => {
      const { server, open } = sharedSessions();
      const [here, there] = [open({ refresh: () => NEVER, leaseMs: 60_000 }), open()];
      record(here.session.refresh$);
      await passAsync(10);
      void here.session[method]();
      if (method === 'signOut') void there.session.signIn(server.login());
      const refreshed = record(there.session.refresh$);
      await passAsync(300);
      expect(refreshed.expectOneOutcome().kind).toBe('complete');
      expect(server.presented).toHaveLength(1);
    },
  );
});

describe('a sign-out or another sign-in here', () => {
  const changes: [string, (session: Session) => Promise<void>, string][] = [
    ['sign-out', (session) => session.signOut(), 'signed-out sign-out'],
    ['sign-in', (session) => session.signIn(tokensOf('bob')), 'signed-in 2'],
  ];
  const moments: [string, boolean][] = [
    ['waits for another holder’s to end', true],
    ['waits for the server', false],
  ];

  describe.each(changes)('(a %s)', (_name, change, event) => {
    it.each(moments)(
      'ends a refresh that %s, with SessionChangedError, and is reported once',
      async (_when, isHeld) => {
        const { openMany } = sharedSessions();
        const [here, there] = openMany(2, { refresh: () => NEVER }) as [HolderSession, HolderSession];
        if (isHeld) record(there.session.refresh$);
        const waiting = record(here.session.refresh$);
        await passAsync(10);
        void change(here.session);
        expect(waiting.expectOneOutcome()).toMatchObject({ error: changed });
        expect(here.story()).toEqual([
          'restored 1',
          'refresh-started requested 1',
          'refresh-failed session-changed',
          event,
        ]);
      },
    );
  });
});
