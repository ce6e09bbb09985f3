import { describe, expect, it } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import type { StoredSession } from 'sluice/session';
import { record } from '../support/recorder.ts';
import { tokensOf } from './fixture.ts';
import { faulty, kindOf, LEASE_MS, leaseOf, pass, passAsync, readers, signedIn } from './shared-fixture.ts';
import { oneFaulty } from './shared-scenes.ts';

useFakeTime();

describe('no refresh token is presented twice:', () => {
  it('a holder that wakes long after its lease finds it lost before it has written anything', () => {
    const { store, faults: stopped, one, two } = oneFaulty({ deaf: true });
    const { lease } = one.granted();
    const lost = record(lease.lost$);
    stopped.isDown = true;
    const waiting = two.turn();
    pass(2 * LEASE_MS);
    expect(kindOf(waiting)).toBe('granted');
    const successor = store.now?.lease;
    stopped.isDown = false;
    pass(LEASE_MS / 3 + 100);
    // The record has changed, but its tokens have not, so there is nothing to emit.
    expect(lost.values).toEqual(['known']);
    expect(store.now?.lease).toEqual(successor);
    expect(record(leaseOf(waiting).commit('A', tokensOf(3))).values).toEqual([{ kind: 'committed' }]);
  });

  it('two waiting holders that notice the same dead holder do not both get the right to refresh', () => {
    const store = signedIn();
    const dead = faulty(store.cell);
    const [one] = readers(dead.cell);
    const [two, three] = readers(store.cell);
    one.granted();
    dead.isDown = true;
    const waiting = [two.turn(), three.turn()];
    pass(LEASE_MS + 500);
    expect(waiting.map(kindOf).sort()).toEqual(['granted', 'waiting']);
  });

  it('a lease that was taken by a swap that threw is not taken again by another holder', async () => {
    const { faults: shaky, one, two } = oneFaulty();
    shaky.nextSwaps.push('throws after');
    const first = one.turn();
    const second = two.turn();
    await passAsync(300);
    expect([kindOf(first), kindOf(second)]).toEqual(['granted', 'waiting']);
  });

  it('a session that waits to refresh gets newer tokens that are announced, and not the right to refresh', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    const { lease, turn } = one.granted();
    const waiting = two.turn();
    record(lease.commit('A', tokensOf(2)));
    turn.unsubscribe();
    expect(two.news).toHaveLength(1);
    expect(kindOf(waiting)).toBe('newer');
  });

  it('a record that the engine has lost does not bring back spent tokens to a holder that knows newer ones', () => {
    const store = signedIn();
    const before = store.now!;
    let isLost = false;
    let written: StoredSession | undefined;
    const cell = {
      read: () => (isLost ? (written ?? before) : store.now),
      swap: (expected: number, next: StoredSession) => {
        if (!isLost) return store.cell.swap(expected, next) as boolean;
        if ((written ?? before).version !== expected) return false;
        written = next;
        return true;
      },
    };
    const [one] = readers(cell);
    record(one.granted().lease.commit('A', tokensOf(2)));
    const known = store.now!.version;
    isLost = true;
    const { lease } = one.granted();
    record(lease.commit('A', tokensOf(3)));
    expect(written).toMatchObject({ owner: 'A', tokens: JSON.stringify(tokensOf(3)) });
    expect(written!.version).toBeGreaterThan(known);
  });
});
