import { StoreFailedError, type StoredSession } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { record } from '../support/recorder.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { tokensOf } from './fixture.ts';
import { holderOf, LEASE_MS, pass, passAsync, signedIn, STORE_TIMEOUT_MS, type SessionCell } from './shared-fixture.ts';
import { sharedSessions, twoHolders, type HolderSession } from './shared-sessions.ts';

failOnUnhandled();
useFakeTime();

const writes: [string, (holder: HolderSession) => Promise<void>, string | null][] = [
  ['signOut()', ({ session }) => session.signOut(), null],
  ['signIn()', ({ session }) => session.signIn(tokensOf('bob')), 'access-bob'],
  ['update()', ({ session }) => session.update(tokensOf('sliding')), 'access-sliding'],
];

describe.each(writes)('%s while the shared store cannot be reached', (_name, write, held) => {
  it('has effect here at once, and rejects after storeTimeoutMs with StoreFailedError', async () => {
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

  it('reaches the store and the other holders when the store can be reached again', async () => {
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

  it('causes no unhandled rejection when nobody awaits it', async () => {
    const { here, setAway } = twoHolders();
    setAway(true);
    void write(here);
    await passAsync(2 * STORE_TIMEOUT_MS);
    // failOnUnhandled() fails this test if a rejection is unhandled.
    expect(here.story()).toContain('store-failed get Error');
  });
});

it('a sign-out that could not be stored for long does not end the session of bob, who has signed in elsewhere since', async () => {
  const { here, there, content } = twoHolders();
  here.way.isDown = true;
  void here.session.signOut();
  void there.session.signIn(tokensOf('bob'));
  await passAsync(60_000);
  here.way.isDown = false;
  await passAsync(10_000);
  expect(content().accessToken).toBe('access-bob');
  for (const { session } of [here, there]) expect(session.state).toMatchObject({ tokens: tokensOf('bob') });
});

describe('a session that has never read its shared store', () => {
  it('can be signed in to while the store cannot be reached', async () => {
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

it('reports an outage of writes once, however often the write is tried, and the next outage again', () => {
  const store = signedIn();
  const failures: string[] = [];
  let isFull = true;
  const cell = {
    read: () => store.cell.read(),
    swap: (expected: number, next: StoredSession) => {
      if (!isFull) return store.cell.swap(expected, next);
      failures.push('full');
      throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
    },
  };
  const one = holderOf(cell);
  record(one.port.signIn('B', tokensOf(2)));
  pass(STORE_TIMEOUT_MS);
  expect(failures.length).toBeGreaterThan(1);
  expect(one.story).toEqual(['store-failed set Error: ENOSPC']);
  isFull = false;
  pass(STORE_TIMEOUT_MS);
  expect(store.content.owner).toBe('B');
  isFull = true;
  record(one.port.signIn('C', tokensOf(3)));
  pass(STORE_TIMEOUT_MS);
  expect(one.story).toEqual(['store-failed set Error: ENOSPC', 'store-failed set Error: ENOSPC']);
});

it('a write that fails does not keep a request waiting longer than storeTimeoutMs when the page was suspended', async () => {
  let readsBefore = Infinity;
  const suspended: Partial<SessionCell> & { isBehind(): boolean } = { isBehind: () => here.way.reads === readsBefore };
  const { server, open } = sharedSessions();
  const here = open({ cell: suspended, storeTimeoutMs: STORE_TIMEOUT_MS });
  here.way.nextSwaps.push(...Array<'throws before'>(1_000).fill('throws before'));
  void here.session.signIn(server.login('bob'));
  readsBefore = here.way.reads;

  const request = here.request();
  await passAsync(STORE_TIMEOUT_MS + 10);

  expect(request.expectOneOutcome()).toMatchObject({ values: ['bob'] });
});
