import { describe, expect, it, vi } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { record } from '../support/recorder.ts';
import { tokensOf } from './fixture.ts';
import {
  faulty,
  holderOf,
  kindOf,
  LEASE_MS,
  leaseOf,
  opening,
  pass,
  passAsync,
  peek,
  quiet,
  readers,
  signedIn,
} from './shared-fixture.ts';
import { oneDeaf, oneFaulty } from './shared-scenes.ts';

useFakeTime();

describe('the result of a refresh under a lease of a shared store', () => {
  it('is stored, and the other holders are notified of it as just refreshed', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    expect(record(one.granted().lease.commit('A', tokensOf(2))).expectOneOutcome()).toEqual({
      kind: 'complete',
      values: [{ kind: 'committed' }],
    });
    expect(store.now).toMatchObject({ owner: 'A', refreshed: true });
    expect(store.now?.lease).toBeUndefined();
    expect(two.news).toEqual([{ owner: 'A', tokens: tokensOf(2), refreshedAt: expect.any(Number) }]);
    expect(one.news).toEqual([]);
  });

  it('is stored without a subscriber', () => {
    const store = signedIn();
    const [one] = readers(store.cell);
    void one.granted().lease.commit('A', tokensOf(2));
    expect(store.content.accessToken).toBe('access-2');
  });

  it('is dropped after a sign-out elsewhere, which stays', () => {
    const { store, one, two } = oneDeaf();
    const { lease, turn } = one.granted();
    record(two.port.signOut('A'));
    const late = record(lease.commit('A', tokensOf(2)));
    pass(100);
    expect(late.values).toEqual([{ kind: 'overtaken', stored: { owner: null, tokens: null, reason: 'sign-out' } }]);
    turn.unsubscribe();
    pass(10_000);
    expect(store.content.owner).toBeNull();
    // The dropped tokens are given out once, so that the session can revoke them: nobody uses them.
    expect([one.port.takeUnsaved(), one.port.takeUnsaved()]).toEqual([tokensOf(2), null]);
  });

  it('is dropped after another sign-in elsewhere, which stays', () => {
    const { store, one, two } = oneDeaf();
    const { lease } = one.granted();
    record(two.port.signIn('B', tokensOf(7)));
    const late = record(lease.commit('A', tokensOf(2)));
    pass(100);
    expect(late.values).toEqual([{ kind: 'overtaken', stored: { owner: 'B', tokens: tokensOf(7) } }]);
    expect(store.content).toEqual({ owner: 'B', accessToken: 'access-7' });
  });

  it('is dropped after another holder took over and refreshed: its tokens stay', () => {
    const { store, faults: stopped, one, two } = oneFaulty({ deaf: true });
    const { lease } = one.granted();
    stopped.isDown = true;
    const waiting = two.turn();
    pass(LEASE_MS + 300);
    record(leaseOf(waiting).commit('A', tokensOf(3)));
    stopped.isDown = false;
    const late = record(lease.commit('A', tokensOf(2)));
    pass(500);
    expect(late.values).toEqual([
      { kind: 'overtaken', stored: { owner: 'A', tokens: tokensOf(3), refreshedAt: expect.any(Number) } },
    ]);
    expect(store.content.accessToken).toBe('access-3');
  });

  it('is stored over an update that another holder brought meanwhile, because its refresh token is newer', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    const { lease } = one.granted();
    record(two.port.update('A', { ...tokensOf(1), accessToken: 'access-9' }));
    expect(store.content.accessToken).toBe('access-9');
    pass(LEASE_MS);
    const committed = record(lease.commit('A', tokensOf(2)));
    pass(200);
    expect(committed.values).toEqual([{ kind: 'committed' }]);
    expect(store.content.accessToken).toBe('access-2');
    expect(two.news).toEqual([{ owner: 'A', tokens: tokensOf(2), refreshedAt: expect.any(Number) }]);
  });

  it('starts a session for the given owner when nobody was signed in', () => {
    const store = peek();
    const [one] = readers(store.cell);
    record(one.granted().lease.commit('C', tokensOf(2)));
    expect(store.content).toEqual({ owner: 'C', accessToken: 'access-2' });
    expect(kindOf(one.turn())).toBe('granted');
  });

  it('is dropped when a person signed in while a cookie was tried', () => {
    const store = peek();
    const [one, two] = readers(store.cell);
    const { lease } = one.granted();
    record(two.port.signIn('B', tokensOf(7)));
    expect(record(lease.commit('C', tokensOf(2))).values).toMatchObject([{ kind: 'overtaken' }]);
    expect(store.content.owner).toBe('B');
  });

  it('is recognised as stored when the swap threw after it took effect', () => {
    const store = signedIn();
    const shaky = faulty(store.cell);
    const [one] = readers(shaky.cell);
    const { lease } = one.granted();
    shaky.nextSwaps.push('throws after');
    const committed = record(lease.commit('A', tokensOf(2)));
    pass(100);
    expect(committed.values).toEqual([{ kind: 'committed' }]);
    expect(shaky.swaps).toBe(2);
  });

  it('is tried again when the swap threw before it took effect', () => {
    const store = signedIn();
    const shaky = faulty(store.cell);
    const [one] = readers(shaky.cell);
    const { lease } = one.granted();
    shaky.nextSwaps.push('throws before', 'throws before');
    const committed = record(lease.commit('A', tokensOf(2)));
    pass(400);
    expect(committed.values).toEqual([{ kind: 'committed' }]);
    expect(store.content.accessToken).toBe('access-2');
  });

  it('is recognised as stored when a sign-out replaced it before its swap returned', () => {
    const { store, faults: shaky, one, two } = oneFaulty();
    const { lease } = one.granted();
    shaky.nextSwaps.push('throws after');
    shaky.afterSwap = () => record(two.port.signOut('A'));
    const committed = record(lease.commit('A', tokensOf(2)));
    pass(500);
    expect(committed.values).toMatchObject([{ kind: 'overtaken', stored: { owner: null } }]);
    expect(store.content.owner).toBeNull();
  });
});

describe('a refresh whose lease (the right to refresh) another holder’s sign-in has ended', () => {
  it('ends as overtaken, although `news$` emitted that sign-in before the refresh could decode its tokens', async () => {
    const { store, slowToOpen } = opening([0, 50, 10]);
    const its = quiet(store.cell);
    const one = slowToOpen(its.cell);
    await passAsync(0);
    const turn = one.turn();
    record(holderOf(store.cell).port.signIn('B', tokensOf(7)));
    const committed = record(leaseOf(turn).commit('A', tokensOf(2)));
    its.tell();
    await passAsync(1_000);
    expect(committed.expectOneOutcome()).toEqual({
      kind: 'complete',
      values: [{ kind: 'overtaken', stored: 'known' }],
    });
    expect(one.news).toEqual([{ owner: 'B', tokens: tokensOf(7) }]);
  });
});

describe('the loss of a lease (the right to refresh, written into the record)', () => {
  it('is reported once, with what another holder wrote', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    const lost = record(one.granted().lease.lost$);
    record(two.port.signIn('B', tokensOf(7)));
    expect(lost.expectOneOutcome()).toEqual({ kind: 'complete', values: [{ owner: 'B', tokens: tokensOf(7) }] });
  });

  it('is noticed by the next renewal when the cell has no `news$`', () => {
    const store = signedIn();
    const silent = faulty(store.cell, { silent: true });
    const [one] = readers(silent.cell);
    const [two] = readers(store.cell);
    const { lease, turn } = one.granted();
    const lost = record(lease.lost$);
    record(two.port.signOut('A'));
    pass(LEASE_MS / 3 + 100);
    expect(lost.values).toEqual([{ owner: null, tokens: null, reason: 'sign-out' }]);
    turn.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is noticed when the record vanishes, which is a sign-out elsewhere', () => {
    const store = signedIn();
    const vanishing = { ...store.cell, read: () => (isGone ? null : store.now) };
    let isGone = false;
    const [one] = readers(vanishing);
    const { lease } = one.granted();
    const lost = record(lease.lost$);
    isGone = true;
    record(holderOf(store.cell).port.update('A', tokensOf(1)));
    record(holderOf(store.cell).port.signOut(null));
    expect(lost.values).toEqual([{ owner: null, tokens: null, reason: 'elsewhere' }]);
    expect(one.news).toEqual([]);
  });
});
