import { NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { record } from '../support/recorder.ts';
import { after, answer, changed, late, refusal, tokensOf } from './fixture.ts';
import { LEASE_MS, passAsync, STORE_TIMEOUT_MS } from './shared-fixture.ts';
import { sharedSessions } from './shared-sessions.ts';

useFakeTime();

const unavailable = { error: { name: 'RefreshFailedError', reason: 'unavailable' } };

it.each([0, 5])(
  'eight processes with one dead token make one token request on a store that takes %i ms',
  async (ms) => {
    const { server, openMany } = sharedSessions();
    const processes = openMany(8, { refresh: server.refresh(20) });
    for (const { way } of processes) way.delayMs = ms;
    server.expireAccess();
    const requests = processes.map(({ request }) => request());
    await passAsync(5_000);
    for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
    expect(server.presented).toEqual(['refresh-ada1-1']);
    expect(new Set(processes.map(({ session }) => session.state.tokens?.accessToken))).toEqual(
      new Set(['access-ada1-2']),
    );
  },
);

it('a process that is refused after another one took over its lease empties nothing, because the other may have refreshed', async () => {
  const { server, open, content } = sharedSessions();
  const [loser, winner] = [open({ refresh: () => late(50, refusal) }), open({ refresh: server.refresh(5_000) })];
  server.expireAccess();
  loser.request();
  await passAsync(10);
  loser.stop();
  const request = winner.request();
  await passAsync(2 * LEASE_MS);
  loser.resume();
  await passAsync(1_000);
  expect(content()).toMatchObject({ owner: 'ada', accessToken: 'access-ada1-1' });
  await passAsync(5_000);
  expect(request.values).toEqual(['ada']);
  expect(content().accessToken).toBe('access-ada1-2');
  expect(loser.session.state).toMatchObject({ status: 'signed-in', tokens: { accessToken: 'access-ada1-2' } });
});

it.each([
  ['logout', null],
  ['login', 'access-bob'],
])('a %s during another process’s refresh has effect', async (name, held) => {
  const { server, open, content } = sharedSessions();
  const [refreshing, other] = [open({ refresh: server.refresh(50), deaf: true }), open()];
  server.expireAccess();
  const request = refreshing.request();
  await passAsync(10);
  if (name === 'logout') void other.session.signOut();
  else void other.session.signIn(tokensOf('bob'));
  await passAsync(10_000);
  expect(content().accessToken).toBe(held);
  expect(request.expectOneOutcome()).toMatchObject({ error: changed });
});

describe('the lease of a process that refreshes', () => {
  it('is renewed for as long as the refresh may take', async () => {
    const { server, openMany } = sharedSessions();
    const processes = openMany(3, { refresh: server.refresh(25_000) });
    server.expireAccess();
    const requests = processes.map(({ request }) => request());
    await passAsync(26_000);
    for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
    expect(server.presented).toHaveLength(1);
  });

  it('is given back by its own process only: a succeeded one leaves its successor’s lease', async () => {
    const { server, open, stored } = sharedSessions();
    const first = open({ refresh: () => late(50, answer(503)) });
    const second = open({ refresh: server.refresh(5_000) });
    server.expireAccess();
    first.request();
    await passAsync(10);
    first.stop();
    second.request();
    await passAsync(2 * LEASE_MS);
    const by = stored()?.lease?.by;
    first.resume();
    await passAsync(1_000);
    expect(stored()).toMatchObject({ lease: { by }, tokens: expect.stringContaining('access-ada1-1') as string });
    expect(stored()?.failed).toBeUndefined();
  });

  it('ends with the process: another one refreshes after leaseMs', async () => {
    const { server, open } = sharedSessions();
    const killed = open({ refresh: () => NEVER });
    server.expireAccess();
    killed.request();
    await passAsync(10);
    killed.stop();
    const next = open();
    const request = next.request();
    await passAsync(LEASE_MS - 100);
    expect(request.settled).toBeUndefined();
    await passAsync(1_000);
    expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
  });
});

it('a process that does not get its turn in time fails as unavailable, and does not present the token a second time', async () => {
  const { server, open } = sharedSessions();
  const bounds = { refreshTimeoutMs: 1_000, storeTimeoutMs: STORE_TIMEOUT_MS };
  const endless = open({ refresh: server.refresh(600_000), refreshTimeoutMs: Infinity });
  const other = open(bounds);
  server.expireAccess();
  endless.request();
  await passAsync(10);
  const request = other.request();
  await passAsync(1_000 + 3 * STORE_TIMEOUT_MS + LEASE_MS + 10);
  expect(request.expectOneOutcome()).toMatchObject(unavailable);
  expect(other.session.state.status).toBe('signed-in');
  expect(server.presented).toHaveLength(1);
});

it('a process that was suspended while it refreshed reads the store before it writes, and changes nothing there', async () => {
  const { server, open, stored } = sharedSessions();
  const [stopped, other] = [open({ refresh: () => after(50, tokensOf('outdated')) }), open()];
  server.expireAccess();
  stopped.request();
  await passAsync(10);
  stopped.stop();
  other.request();
  await passAsync(2 * LEASE_MS);
  const before = stored();
  stopped.resume();
  await passAsync(10_000);
  expect(stored()).toBe(before);
  expect(before?.tokens).toContain('access-ada1-2');
});

it('a process that has neither signed in nor refreshed writes nothing', async () => {
  const { openMany } = sharedSessions();
  const [reader, other] = openMany(2);
  reader!.request();
  record(other!.session.refresh$);
  await passAsync(1_000);
  reader!.request();
  await passAsync(1_000);
  reader!.session.dispose();
  await passAsync(60_000);
  expect(reader!.way.swaps).toBe(0);
  expect(reader!.sent).toEqual(['access-ada1-1', 'access-ada1-2']);
});
