import { firstValueFrom, from } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import type { SessionOptions } from 'sluice/session';
import { record } from '../support/recorder.ts';
import { changed, tokensOf } from './fixture.ts';
import type { RotatingServer } from './rotating-server.ts';
import { passAsync } from './shared-fixture.ts';
import { sharedSessions } from './shared-sessions.ts';

useFakeTime();

/** A refresh as apps write it: a promise, which continues after it is aborted. */
const promised =
  (server: RotatingServer, ms: number): SessionOptions['refresh'] =>
  (current, context) =>
    firstValueFrom(from(server.refresh(ms)(current, context)));

const hearing = [
  ['with a change notification', false],
  ['without change notifications', true],
] as const;

describe.each(hearing)('bob signs in at another holder while ada’s tokens are refreshed here, %s:', (_how, deaf) => {
  async function bobSignsIn() {
    const its = sharedSessions();
    const revoke = vi.fn<NonNullable<SessionOptions['revoke']>>(() => []);
    const here = its.open({ deaf, revoke, refresh: promised(its.server, 50) });
    const there = its.open();
    its.server.expireAccess();
    const waiting = here.request();
    await passAsync(10);
    void there.session.signIn(its.server.login('bob'));
    await passAsync(1_000);
    return { ...its, here, there, revoke, waiting };
  }

  it('bob stays signed in at both, with his own tokens in the store', async () => {
    const { here, there, content } = await bobSignsIn();
    expect(content().accessToken).toBe('access-bob2-1');
    for (const { session } of [here, there])
      expect(session.state).toMatchObject({ owner: content().owner, tokens: { accessToken: 'access-bob2-1' } });
  });

  it('ada’s request fails with SessionChangedError, and nothing of hers is sent as bob', async () => {
    const { here, waiting } = await bobSignsIn();
    expect(waiting.expectOneOutcome()).toMatchObject({ error: changed });
    expect(here.sent).toEqual(['access-ada1-1']);
  });

  it('the tokens that the refresh brought for ada are revoked, because nobody uses them', async () => {
    const { revoke } = await bobSignsIn();
    expect(revoke.mock.calls).toMatchObject([[{ refreshToken: 'refresh-ada1-2' }]]);
  });
});

it('ada’s requests end when her refresh finds bob’s tokens in the store: none is sent with them', async () => {
  const { server, open } = sharedSessions();
  const [here, there] = [open({ deaf: true }), open()];
  void there.session.signIn(server.login('bob'));
  server.expireAccess();
  const requests = [here.request(), here.request()];
  await passAsync(1_000);
  for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ error: changed });
  expect(here.sent).toEqual(['access-ada1-1', 'access-ada1-1']);
  expect(here.session.state.owner).toBe(there.session.state.owner);
  expect(server.presented).toEqual([]);
});

describe.each(hearing)('a sign-out at another holder while the tokens are refreshed here, %s,', (_how, deaf) => {
  it('is not undone: nothing writes the session back, and both are signed out', async () => {
    const { server, open, content } = sharedSessions();
    const [here, there] = [open({ deaf, refresh: server.refresh(50) }), open()];
    server.expireAccess();
    const waiting = here.request();
    await passAsync(10);
    void there.session.signOut();
    await passAsync(10_000);
    expect(waiting.expectOneOutcome()).toMatchObject({ error: changed });
    expect(content().owner).toBeNull();
    expect(here.session.state).toMatchObject({ status: 'signed-out', reason: 'elsewhere', tokens: null });
    expect(there.session.state).toMatchObject({ status: 'signed-out', reason: 'sign-out', tokens: null });
  });

  it('has the result of the refresh revoked', async () => {
    const { server, open } = sharedSessions();
    const revoke = vi.fn<NonNullable<SessionOptions['revoke']>>(() => []);
    const [here, there] = [open({ deaf, revoke, refresh: promised(server, 50) }), open()];
    server.expireAccess();
    here.request();
    await passAsync(10);
    void there.session.signOut();
    await passAsync(1_000);
    expect(revoke.mock.calls).toMatchObject([[{ refreshToken: 'refresh-ada1-2' }]]);
  });
});

describe('a late change notification of a shared store', () => {
  it('does not bring back older tokens: the session reads the record, which has the newer ones', async () => {
    const { server, open } = sharedSessions();
    const [here, there] = [open(), open()];
    here.stop();
    there.session.refresh$.subscribe();
    await passAsync(10);
    here.resume();
    here.session.refresh$.subscribe();
    await passAsync(2_000);
    const { tokens } = here.session.state;
    expect(tokens?.accessToken).toBe('access-ada1-3');
    here.stop();
    here.resume();
    await passAsync(1_000);
    expect(here.session.state.tokens).toBe(tokens);
    expect(server.reused).toEqual([]);
  });

  it('of a sign-out does not sign out a person who has signed in here since', async () => {
    const { open, content } = sharedSessions();
    const [here, there] = [open(), open()];
    here.stop();
    void there.session.signOut();
    void here.session.signIn(tokensOf('bob'));
    here.resume();
    await passAsync(10_000);
    for (const { session } of [here, there])
      expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf('bob') });
    expect(content().accessToken).toBe('access-bob');
  });
});

it('a refresh of bob’s tokens stores them as his, although the storage has lost his sign-in and has ada’s record', async () => {
  const { server, cell, stored, content, open } = sharedSessions();
  const [here, there] = [open({ deaf: true }), open()];
  const adas = stored()!;
  there.stop();
  await here.session.signIn(server.login('bob'));
  void cell.swap(stored()!.version, adas);
  there.resume();
  expect(there.session.state.owner).toBe('ada');

  record(here.session.refresh$);
  await passAsync(1_000);

  const { owner } = here.session.state;
  expect([owner === 'ada', content()]).toEqual([false, { owner, accessToken: 'access-bob2-2' }]);
  expect(there.session.state).toMatchObject({ owner, tokens: { accessToken: 'access-bob2-2' } });
});
