import { describe, expect, it, vi } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { record } from '../support/recorder.ts';
import { tokensOf } from './fixture.ts';
import { faulty, LEASE_MS, leaseOf, pass, readers, signedIn, STORE_TIMEOUT_MS } from './shared-fixture.ts';

useFakeTime();

describe('tokens that could not be stored', () => {
  function unsaved() {
    const store = signedIn();
    const shaky = faulty(store.cell);
    const [one] = readers(shaky.cell);
    const { lease, turn } = one.granted();
    shaky.isDown = true;
    const committed = record(lease.commit('A', tokensOf(2)));
    return { store, shaky, one, turn, committed };
  }

  it('make `commit` fail after storeTimeoutMs with the store’s error', () => {
    const { committed } = unsaved();
    pass(STORE_TIMEOUT_MS - 1);
    expect(committed.settled).toBeUndefined();
    pass(1);
    expect(committed.expectOneOutcome()).toMatchObject({ kind: 'error', error: { message: 'unreachable' } });
  });

  it('are stored as soon as possible, and emitted then, although the session has given up', () => {
    const { store, shaky, one, turn } = unsaved();
    pass(STORE_TIMEOUT_MS);
    turn.unsubscribe();
    shaky.isDown = false;
    pass(LEASE_MS / 3);
    expect(store.content.accessToken).toBe('access-2');
    expect(one.news).toEqual([{ owner: 'A', tokens: tokensOf(2), refreshedAt: expect.any(Number) }]);
    expect(one.port.takeUnsaved()).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are stored before this holder may refresh again, without waiting for their next attempt', () => {
    const { store, shaky, one, turn } = unsaved();
    pass(STORE_TIMEOUT_MS);
    turn.unsubscribe();
    shaky.isDown = false;
    expect(one.turn().values).toEqual([{ kind: 'newer', stored: 'known' }]);
    expect(one.news).toEqual([{ owner: 'A', tokens: tokensOf(2), refreshedAt: expect.any(Number) }]);
    expect(store.content.accessToken).toBe('access-2');
  });

  it('make the next refresh fail while they still cannot be stored', () => {
    const { one, turn } = unsaved();
    pass(STORE_TIMEOUT_MS);
    turn.unsubscribe();
    const next = one.turn();
    pass(STORE_TIMEOUT_MS);
    expect(next.expectOneOutcome()).toMatchObject({ kind: 'error', error: { message: 'unreachable' } });
  });

  it('are returned once by takeUnsaved(), for the session to revoke them, and are not stored afterwards', () => {
    const { store, shaky, one, turn } = unsaved();
    pass(STORE_TIMEOUT_MS);
    expect(one.port.takeUnsaved()).toEqual(tokensOf(2));
    expect(one.port.takeUnsaved()).toBeNull();
    turn.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
    shaky.isDown = false;
    pass(60_000);
    expect(store.content.accessToken).toBe('access-1');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are dropped when another session has stored newer tokens of the same owner', () => {
    const { store, shaky, one, turn } = unsaved();
    const [two] = readers(store.cell);
    pass(STORE_TIMEOUT_MS);
    turn.unsubscribe();
    const waiting = two.turn();
    pass(LEASE_MS + 300);
    record(leaseOf(waiting).commit('A', tokensOf(3)));
    shaky.isDown = false;
    pass(LEASE_MS);
    expect(store.content.accessToken).toBe('access-3');
    expect(one.port.takeUnsaved()).toBeNull();
    expect(one.news).toMatchObject([{ owner: 'A', tokens: tokensOf(3) }]);
  });

  it('cause one report of the outage, not one for each attempt', () => {
    const { one } = unsaved();
    pass(60_000);
    expect(one.story).toEqual(['store-failed set Error', 'store-failed get Error']);
  });

  it('are tried once more when the port is closed', () => {
    const { store, shaky, one, turn } = unsaved();
    pass(STORE_TIMEOUT_MS);
    turn.unsubscribe();
    shaky.isDown = false;
    one.port.close();
    expect(store.content.accessToken).toBe('access-2');
  });

  it('are dropped when that fails as well: nothing runs after closing', () => {
    const { one, turn } = unsaved();
    pass(STORE_TIMEOUT_MS);
    turn.unsubscribe();
    one.port.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
