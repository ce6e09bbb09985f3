import { NEVER, throwError } from 'rxjs';
import { memoryCell, type StoredSession } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { expectNoToken } from '../support/no-token.ts';
import { record } from '../support/recorder.ts';
import { tokensOf } from './fixture.ts';
import {
  faulty,
  holderOf,
  kindOf,
  LEASE_MS,
  pass,
  passAsync,
  quiet,
  readers,
  signedIn,
  STORE_TIMEOUT_MS,
  type SessionCell,
} from './shared-fixture.ts';
import { cellWith, good } from './good-record.ts';

useFakeTime();

describe('reading a shared store', () => {
  it('emits synchronously when the cell is synchronous, and `nobody is signed in` for an empty one', () => {
    const one = holderOf(memoryCell<StoredSession>());
    expect(record(one.port.read()).expectOneOutcome()).toEqual({
      kind: 'complete',
      values: [{ owner: null, tokens: null }],
    });
    expect(one.story).toEqual([]);
  });

  it('emits the owner and the tokens of a record', () => {
    expect(record(holderOf(memoryCell(good)).port.read()).values).toEqual([{ owner: 'A', tokens: tokensOf(1) }]);
  });

  it('accepts null for an optional field that is absent, as databases return it', () => {
    const row = { ...good, reason: null, refreshed: null, failed: null, lease: null };
    expect(record(holderOf(cellWith(row).cell).port.read()).values).toEqual([{ owner: 'A', tokens: tokensOf(1) }]);
  });

  it('fails when the cell does not answer within storeTimeoutMs', async () => {
    const one = holderOf({ read: () => new Promise(() => {}), swap: () => true });
    const read = record(one.port.read());
    await passAsync(STORE_TIMEOUT_MS);
    expect(read.expectOneOutcome()).toMatchObject({ kind: 'error', error: { name: 'TimeoutError' } });
    expect(one.story).toEqual(['store-failed get TimeoutError']);
  });

  it('fails and writes nothing when a cell throws or rejects; the cell is not taken for empty', async () => {
    for (const fail of [
      () => {
        throw new Error('refresh-1');
      },
      () => Promise.reject(new Error('refresh-1')),
    ]) {
      const swap = vi.fn<SessionCell['swap']>();
      const one = holderOf({ read: fail, swap });
      const read = record(one.port.read());
      await passAsync(0);
      expect(read.expectOneOutcome().kind).toBe('error');
      expect(one.story).toEqual(['store-failed get Error']);
      expect(swap).not.toHaveBeenCalled();
    }
  });

  it('can be tried again after a failure', () => {
    const shaky = faulty(memoryCell(good));
    const one = holderOf(shaky.cell);
    shaky.isDown = true;
    expect(record(one.port.read()).settled?.kind).toBe('error');
    shaky.isDown = false;
    expect(record(one.port.read()).values).toEqual([{ owner: 'A', tokens: tokensOf(1) }]);
  });

  it('does not quote text that could not be parsed, not even in the cause', () => {
    const one = holderOf({ read: () => JSON.parse('access-1 {') as never, swap: () => true });
    const outcome = record(one.port.read()).expectOneOutcome();
    expectNoToken(outcome, ['access-1']);
    expect(one.story).toEqual(['store-failed get not valid JSON']);
  });
});

describe('the subscription to change notifications of a shared store', () => {
  it('exists only while the port’s `news$` has a subscriber', () => {
    const its = quiet(memoryCell(good));
    const one = holderOf(its.cell, { deaf: true });
    expect(its.listeners).toBe(0);
    const listening = one.port.news$?.subscribe();
    expect(its.listeners).toBe(1);
    listening?.unsubscribe();
    expect(its.listeners).toBe(0);
  });

  it('ends when the port is closed', () => {
    const its = quiet(memoryCell(good));
    const one = holderOf(its.cell, { deaf: true });
    const news = record(one.port.news$ ?? NEVER);
    one.port.close();
    expect(news.expectOneOutcome()).toEqual({ kind: 'complete', values: [] });
    expect(its.listeners).toBe(0);
  });

  it('causes one read for many notifications at the same time, and one more for those during the read', async () => {
    const slow = faulty(memoryCell(good));
    const its = quiet(slow.cell);
    holderOf(its.cell);
    slow.delayMs = 50;
    for (let n = 0; n < 100; n += 1) its.tell();
    await passAsync(25);
    for (let n = 0; n < 100; n += 1) its.tell();
    await passAsync(1_000);
    expect(slow.reads).toBe(2);
  });

  it('is reported when it fails, and ends: the next refresh reads the store itself', () => {
    const store = signedIn();
    const one = holderOf({ ...store.cell, news$: throwError(() => new Error('gone')) });
    expect(one.story).toEqual(['store-failed changes$ Error']);
    record(one.port.read());
    expect(kindOf(one.turn())).toBe('granted');
  });

  it('is read again until it can be: a sign-out elsewhere is not missed', () => {
    const store = signedIn();
    const shaky = faulty(store.cell);
    const [one] = readers(shaky.cell);
    shaky.isDown = true;
    record(holderOf(store.cell).port.signOut(null));
    pass(60_000);
    expect(one.news).toEqual([]);
    expect(one.story).toEqual(['store-failed get Error']);
    shaky.isDown = false;
    pass(LEASE_MS / 3);
    expect(one.news).toEqual([{ owner: null, tokens: null, reason: 'sign-out' }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('causes no more reads during an outage when there are many notifications than when there is one', () => {
    const readsOf = (notifications: number): number => {
      const shaky = faulty(signedIn().cell);
      const its = quiet(shaky.cell);
      const one = holderOf(its.cell);
      shaky.isDown = true;
      for (let n = 0; n < notifications; n += 1) its.tell();
      pass(LEASE_MS);
      const before = shaky.reads;
      pass(60_000);
      one.port.close();
      return shaky.reads - before;
    };
    // The delays between the reads are random: from a sixth to a third of `leaseMs`.
    expect(readsOf(50)).toBeLessThan(3 * readsOf(1));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of a vanished record is a sign-out elsewhere', () => {
    let current: StoredSession | null = good;
    const its = quiet({ read: () => current, swap: () => true });
    const [one] = readers(its.cell);
    current = null;
    its.tell();
    its.tell();
    expect(one.news).toEqual([{ owner: null, tokens: null, reason: 'elsewhere' }]);
  });

  it('of a record older than the known one is ignored, because the engine has lost a write', () => {
    let current: StoredSession | null = { ...good, version: 9, owner: null, tokens: null };
    const its = quiet({ read: () => current, swap: () => true });
    const [one] = readers(its.cell);
    current = good;
    its.tell();
    expect(one.news).toEqual([]);
  });

  it('of a lease or its renewal is ignored', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    one.granted();
    pass(5_000);
    expect([one.news, two.news]).toEqual([[], []]);
  });
});
