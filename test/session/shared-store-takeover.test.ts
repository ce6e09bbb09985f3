import { describe, expect, it, vi } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { record } from '../support/recorder.ts';
import { tokensOf } from './fixture.ts';
import {
  faulty,
  holderOf,
  kindOf,
  LEASE_MS,
  pass,
  quiet,
  readers,
  signedIn,
  STORE_TIMEOUT_MS,
} from './shared-fixture.ts';
import { oneFaulty } from './shared-scenes.ts';

useFakeTime();

describe('the right to refresh of another holder in a shared store', () => {
  it('passes from a dead holder to a waiting one after leaseMs, and not earlier', () => {
    const { faults: dead, one, two } = oneFaulty();
    one.granted();
    dead.isDown = true;
    pass(10 * LEASE_MS);
    const waiting = two.turn();
    pass(LEASE_MS - 1);
    expect(kindOf(waiting)).toBe('waiting');
    pass(300);
    expect(kindOf(waiting)).toBe('granted');
  });

  it('stays with a living holder, however long its refresh takes', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    one.granted();
    const waiting = two.turn();
    pass(3 * LEASE_MS);
    expect(kindOf(waiting)).toBe('waiting');
    expect(two.news).toEqual([]);
  });

  it('is not waited for longer than a living holder may need for a refresh and its accesses to the store', () => {
    const store = signedIn();
    const [one] = readers(store.cell);
    const two = holderOf(store.cell, { refreshTimeoutMs: 5_000 });
    record(two.port.read());
    one.granted();
    const waiting = two.turn();
    pass(5_000 + 3 * STORE_TIMEOUT_MS + LEASE_MS - 1);
    expect(kindOf(waiting)).toBe('waiting');
    pass(1);
    expect(waiting.expectOneOutcome()).toMatchObject({ kind: 'error', error: { name: 'TimeoutError' } });
  });

  it('is waited for during a whole lease again when the waiting machine has slept', () => {
    const { faults: dead, one, two } = oneFaulty();
    one.granted();
    dead.isDown = true;
    const waiting = two.turn();
    pass(LEASE_MS - 300);
    vi.setSystemTime(Date.now() + 3_600_000);
    pass(600);
    expect(kindOf(waiting)).toBe('waiting');
    pass(LEASE_MS);
    expect(kindOf(waiting)).toBe('granted');
  });

  it('is waited for during a whole lease again after a jump of the clock, even if a change notification comes first', () => {
    const store = signedIn();
    const dead = faulty(store.cell);
    const line = quiet(store.cell);
    const [one] = readers(dead.cell);
    const [two] = readers(line.cell);
    one.granted();
    line.tell();
    dead.isDown = true;
    vi.setSystemTime(Date.now() + 3_600_000);
    line.tell();
    const waiting = two.turn();
    expect(kindOf(waiting)).toBe('waiting');
    pass(LEASE_MS + 300);
    expect(kindOf(waiting)).toBe('granted');
  });

  it('stays with a living holder although the clock jumps ahead by less than a lease', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell, { leaseMs: 12_000 });
    one.granted();
    const waiting = two.turn();
    // Shortly before the renewal at four seconds, which changes the record.
    pass(3_600);
    vi.setSystemTime(Date.now() + 9_000);
    pass(12_000);
    expect(kindOf(waiting)).toBe('waiting');
  });

  it('is not affected by a clock that is set back', () => {
    const { faults: dead, one, two } = oneFaulty();
    one.granted();
    dead.isDown = true;
    const waiting = two.turn();
    vi.setSystemTime(Date.now() - 3_600_000);
    pass(LEASE_MS + 300);
    expect(kindOf(waiting)).toBe('granted');
  });

  it('lasts for the lease of the holder that refreshes, when holders have different options', () => {
    const store = signedIn();
    const one = holderOf(store.cell, { leaseMs: 10 * LEASE_MS });
    const two = holderOf(store.cell, { leaseMs: LEASE_MS });
    for (const { port } of [one, two]) record(port.read());
    one.granted();
    const waiting = two.turn();
    pass(3 * LEASE_MS);
    expect(kindOf(waiting)).toBe('waiting');
  });

  it('is taken over at once when it is this holder’s own lease that could not be given back', () => {
    const store = signedIn();
    const broken = faulty(store.cell);
    const [one] = readers(broken.cell);
    const { turn } = one.granted();
    broken.isDown = true;
    turn.unsubscribe();
    pass(5_000);
    expect(store.now?.lease).toBeDefined();
    broken.isDown = false;
    const again = one.turn();
    expect(kindOf(again)).toBe('granted');
  });

  it('stays with a holder whose previous turn ends only after its next one has begun', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    const before = one.granted();
    const { lease } = one.granted();
    before.turn.unsubscribe();
    expect(kindOf(two.turn())).toBe('waiting');
    expect(record(lease.commit('A', tokensOf(2))).values).toEqual([{ kind: 'committed' }]);
  });
});
