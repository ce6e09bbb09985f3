import type { StoredSession } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { record } from '../support/recorder.ts';
import { tokensOf } from './fixture.ts';
import {
  faulty,
  holderOf,
  kindOf,
  LEASE_MS,
  outcomeOf,
  pass,
  passAsync,
  readers,
  signedIn,
  STORE_TIMEOUT_MS,
} from './shared-fixture.ts';

useFakeTime();

describe('no lease is left behind and no wait hangs when', () => {
  it('a turn is unsubscribed at each moment of its acquisition', async () => {
    for (let moment = 0; moment <= 130; moment += 10) {
      const store = signedIn();
      const slow = faulty(store.cell);
      const [one] = readers(slow.cell);
      slow.delayMs = 30;
      const turn = one.turn();
      await passAsync(moment);
      turn.unsubscribe();
      await passAsync(1_000);
      expect([moment, store.now?.lease]).toEqual([moment, undefined]);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it('a turn is unsubscribed during the swap that takes the lease, and the swap throws although it took effect', async () => {
    const store = signedIn();
    const shaky = faulty(store.cell);
    const [one] = readers(shaky.cell);
    shaky.delayMs = 30;
    shaky.nextSwaps.push('throws after');
    const turn = one.turn();
    await passAsync(65);
    turn.unsubscribe();
    await passAsync(1_000);
    expect(store.now?.lease).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a lease is given back by a swap that throws', async () => {
    for (const fault of ['throws before', 'throws after'] as const) {
      const store = signedIn();
      const shaky = faulty(store.cell);
      const [one] = readers(shaky.cell);
      const { turn } = one.granted();
      shaky.nextSwaps.push(fault);
      turn.unsubscribe();
      await passAsync(500);
      expect(store.now?.lease).toBeUndefined();
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it('a holder that has the right to refresh signs somebody in', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    const { turn } = one.granted();
    record(one.port.signIn('B', tokensOf(7)));
    turn.unsubscribe();
    expect(store.now?.lease).toBeUndefined();
    expect(kindOf(two.turn())).toBe('granted');
    expect(store.content.owner).toBe('B');
  });

  it('a cell’s swap never succeeds: writes end in errors, without a busy loop', async () => {
    const store = signedIn();
    const swap = vi.fn<() => boolean>(() => false);
    const [one] = readers({ ...store.cell, swap });
    const turn = one.turn();
    await passAsync(LEASE_MS);
    expect(kindOf(turn)).not.toBe('granted');
    turn.unsubscribe();
    const written = record(one.port.signIn('B', tokensOf(7)));
    await passAsync(STORE_TIMEOUT_MS);
    expect(written.settled).toMatchObject({ kind: 'error' });
    swap.mockClear();
    await passAsync(60_000);
    expect(swap.mock.calls.length).toBeLessThan(400);
    one.port.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a cell’s swap returns anything but true: the cell is read to find out', () => {
    for (const answer of ['no', 1, undefined]) {
      const store = signedIn();
      const one = holderOf({ ...store.cell, swap: () => answer as unknown as boolean });
      const written = record(one.port.signIn('B', tokensOf(7)));
      pass(STORE_TIMEOUT_MS);
      expect(written.settled?.kind).toBe('error');
      one.port.close();
    }
    const store = signedIn();
    const sloppy = (expected: number, next: StoredSession): boolean => void store.cell.swap(expected, next) as never;
    const written = record(holderOf({ ...store.cell, swap: sloppy }).port.signIn('B', tokensOf(7)));
    pass(STORE_TIMEOUT_MS);
    expect(outcomeOf(written)).toBe('complete');
  });

  it('a cell never answers: every wait ends, and after closing nothing runs', async () => {
    const never = (): Promise<never> => new Promise(() => {});
    const one = holderOf({ read: never, swap: never });
    const waits = [
      record(one.port.read()),
      record(one.port.signIn('A', tokensOf(1))),
      record(one.port.update('A', tokensOf(2))),
      one.turn(),
      record(one.port.signOut('A')),
    ];
    await passAsync(2 * STORE_TIMEOUT_MS);
    expect(waits.map(outcomeOf)).toEqual(waits.map(() => 'error'));
    one.port.close();
    await passAsync(10 * STORE_TIMEOUT_MS);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a port (a session’s access to the store) is closed while it waits for a turn', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    const { turn } = one.granted();
    const waiting = two.turn();
    two.port.close();
    waiting.unsubscribe();
    one.port.close();
    turn.unsubscribe();
    expect(waiting.values).toEqual([]);
    expect(store.now?.lease).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });
});
