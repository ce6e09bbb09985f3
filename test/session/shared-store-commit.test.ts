import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { record } from '../support/recorder.ts';
import { tokensOf } from './fixture.ts';
import {
  faulty,
  holderOf,
  kindOf,
  LEASE_MS,
  leaseOf,
  MIN_REFRESH_INTERVAL_MS,
  opening,
  pass,
  passAsync,
  peek,
  quiet,
  readers,
  signedIn,
  STORE_TIMEOUT_MS,
} from './shared-fixture.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('what was refreshed under a lease of a shared store', () => {
  it('is stored, and told to the other holders as new', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    expect(record(one.granted().lease.commit('A', tokensOf(2))).expectOneOutcome()).toEqual({
      kind: 'complete',
      values: [{ kind: 'committed' }],
    });
    expect(store.now).toMatchObject({ owner: 'A', refreshed: true });
    expect(store.now?.lease).toBeUndefined();
    expect(two.news).toEqual([{ owner: 'A', tokens: tokensOf(2), isNew: true }]);
    expect(one.news).toEqual([]);
  });

  it('is stored although nobody subscribes to it', () => {
    const store = signedIn();
    const [one] = readers(store.cell);
    void one.granted().lease.commit('A', tokensOf(2));
    expect(store.content.accessToken).toBe('access-2');
  });

  it('is void after a sign-out elsewhere, which stays', () => {
    const store = signedIn();
    const [one] = readers(store.cell, { deaf: true });
    const [two] = readers(store.cell);
    const { lease, turn } = one.granted();
    record(two.port.signOut('A'));
    const late = record(lease.commit('A', tokensOf(2)));
    pass(100);
    expect(late.values).toEqual([{ kind: 'overtaken', stored: { owner: null, tokens: null, reason: 'sign-out' } }]);
    turn.unsubscribe();
    pass(10_000);
    expect(store.content.owner).toBeNull();
    expect(one.port.takeUnsaved()).toBeNull();
  });

  it('is void after another sign-in elsewhere, which stays', () => {
    const store = signedIn();
    const [one] = readers(store.cell, { deaf: true });
    const [two] = readers(store.cell);
    const { lease } = one.granted();
    record(two.port.signIn('B', tokensOf(7)));
    const late = record(lease.commit('A', tokensOf(2)));
    pass(100);
    expect(late.values).toEqual([{ kind: 'overtaken', stored: { owner: 'B', tokens: tokensOf(7) } }]);
    expect(store.content).toEqual({ owner: 'B', accessToken: 'access-7' });
  });

  it('is void after another holder took over and refreshed: its tokens stay', () => {
    const store = signedIn();
    const stopped = faulty(store.cell);
    const [one] = readers(stopped.cell, { deaf: true });
    const [two] = readers(store.cell);
    const { lease } = one.granted();
    stopped.isDown = true;
    const waiting = two.turn();
    pass(LEASE_MS + 300);
    record(leaseOf(waiting).commit('A', tokensOf(3)));
    stopped.isDown = false;
    const late = record(lease.commit('A', tokensOf(2)));
    pass(500);
    expect(late.values).toEqual([{ kind: 'overtaken', stored: { owner: 'A', tokens: tokensOf(3), isNew: true } }]);
    expect(store.content.accessToken).toBe('access-3');
  });

  it('is stored over an update that another holder brought meanwhile, since its refresh token is the newer one', () => {
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
    expect(two.news).toEqual([{ owner: 'A', tokens: tokensOf(2), isNew: true }]);
  });

  it('starts a session where nobody was signed in, for the owner it is given', () => {
    const store = peek();
    const [one] = readers(store.cell);
    record(one.granted().lease.commit('C', tokensOf(2)));
    expect(store.content).toEqual({ owner: 'C', accessToken: 'access-2' });
    expect(kindOf(one.turn())).toBe('granted');
  });

  it('is void when a person signed in while nobody was and a cookie was tried', () => {
    const store = peek();
    const [one, two] = readers(store.cell);
    const { lease } = one.granted();
    record(two.port.signIn('B', tokensOf(7)));
    expect(record(lease.commit('C', tokensOf(2))).values).toMatchObject([{ kind: 'overtaken' }]);
    expect(store.content.owner).toBe('B');
  });

  it('is known as stored when the swap threw after it took effect', () => {
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

  it('is known as stored when a sign-out replaced it before its swap could tell', () => {
    const store = signedIn();
    const shaky = faulty(store.cell);
    const [one] = readers(shaky.cell);
    const [two] = readers(store.cell);
    const { lease } = one.granted();
    shaky.nextSwaps.push('throws after');
    shaky.afterSwap = () => record(two.port.signOut('A'));
    const committed = record(lease.commit('A', tokensOf(2)));
    pass(500);
    expect(committed.values).toMatchObject([{ kind: 'overtaken', stored: { owner: null } }]);
    expect(store.content.owner).toBeNull();
  });
});

describe('a refresh under a lease that another holder has ended', () => {
  it('ends although the session has heard of the write by news before it could open the tokens itself', async () => {
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

  it('make the commit error after storeTimeoutMs, with what the store said', () => {
    const { committed } = unsaved();
    pass(STORE_TIMEOUT_MS - 1);
    expect(committed.settled).toBeUndefined();
    pass(1);
    expect(committed.expectOneOutcome()).toMatchObject({ kind: 'error', error: { message: 'unreachable' } });
  });

  it('are stored as soon as that is possible, and told then, although the session has given up', () => {
    const { store, shaky, one, turn } = unsaved();
    pass(STORE_TIMEOUT_MS);
    turn.unsubscribe();
    shaky.isDown = false;
    pass(LEASE_MS / 3);
    expect(store.content.accessToken).toBe('access-2');
    expect(one.news).toEqual([{ owner: 'A', tokens: tokensOf(2), isNew: true }]);
    expect(one.port.takeUnsaved()).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are stored before this holder is granted another refresh, without waiting for their next attempt', () => {
    const { store, shaky, one, turn } = unsaved();
    pass(STORE_TIMEOUT_MS);
    turn.unsubscribe();
    shaky.isDown = false;
    expect(one.turn().values).toEqual([{ kind: 'newer', stored: 'known' }]);
    expect(one.news).toEqual([{ owner: 'A', tokens: tokensOf(2), isNew: true }]);
    expect(store.content.accessToken).toBe('access-2');
  });

  it('make a turn error while they still cannot be stored', () => {
    const { one, turn } = unsaved();
    pass(STORE_TIMEOUT_MS);
    turn.unsubscribe();
    const next = one.turn();
    pass(STORE_TIMEOUT_MS);
    expect(next.expectOneOutcome()).toMatchObject({ kind: 'error', error: { message: 'unreachable' } });
  });

  it('are given to who asks for them, and then not stored any more', () => {
    const { store, shaky, one, turn } = unsaved();
    pass(STORE_TIMEOUT_MS);
    expect(one.port.takeUnsaved()).toEqual(tokensOf(2));
    expect(one.port.takeUnsaved()).toBeNull();
    turn.unsubscribe();
    shaky.isDown = false;
    pass(60_000);
    expect(store.content.accessToken).toBe('access-1');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are dropped when another commit of the same owner has overtaken them', () => {
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

  it('report the outage once, and not at each attempt', () => {
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

  it('are given up when that fails as well: nothing goes on after the closing', () => {
    const { one, turn } = unsaved();
    pass(STORE_TIMEOUT_MS);
    turn.unsubscribe();
    one.port.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a refresh that was refused', () => {
  it('empties the store for the reason expired, before the next holder could be granted its turn', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    const { lease } = one.granted();
    const waiting = two.turn();
    expect(record(lease.refuse()).values).toEqual([{ kind: 'committed' }]);
    // The news end the session's wait: its owner has left.
    expect(waiting.events).toEqual([]);
    expect(two.news).toEqual([{ owner: null, tokens: null, reason: 'expired' }]);
    expect(store.now).toMatchObject({ owner: null, tokens: null, reason: 'expired' });
  });

  it('leaves the tokens alone that another holder has stored since', () => {
    const store = signedIn();
    const [one] = readers(store.cell, { deaf: true });
    const [two] = readers(store.cell);
    const { lease } = one.granted();
    record(two.port.signIn('B', tokensOf(7)));
    const refused = record(lease.refuse());
    pass(100);
    expect(refused.values).toEqual([{ kind: 'overtaken', stored: { owner: 'B', tokens: tokensOf(7) } }]);
    expect(store.content.owner).toBe('B');
  });

  it('leaves the tokens alone that another holder’s update() has brought meanwhile: they were not presented', () => {
    const store = signedIn();
    const [one] = readers(store.cell, { deaf: true });
    const [two] = readers(store.cell);
    const { lease } = one.granted();
    record(two.port.update('A', tokensOf(7)));
    const refused = record(lease.refuse());
    pass(100);
    expect(refused.values).toEqual([{ kind: 'overtaken', stored: { owner: 'A', tokens: tokensOf(7) } }]);
    expect(store.content.accessToken).toBe('access-7');
    expect(kindOf(two.turn())).toBe('granted');
  });

  it('leaves the store to a holder that has taken over, which may have presented the token first', () => {
    const store = signedIn();
    const stopped = faulty(store.cell);
    const [one] = readers(stopped.cell, { deaf: true });
    const [two] = readers(store.cell);
    const { lease } = one.granted();
    stopped.isDown = true;
    const taken = two.turn();
    pass(LEASE_MS + 300);
    stopped.isDown = false;
    const refused = record(lease.refuse());
    pass(100);
    expect(refused.values).toEqual([{ kind: 'overtaken', stored: 'known' }]);
    expect(record(leaseOf(taken).commit('A', tokensOf(3))).values).toEqual([{ kind: 'committed' }]);
  });

  it('is tried again until the store is empty', () => {
    const store = signedIn();
    const shaky = faulty(store.cell);
    const [one] = readers(shaky.cell);
    const { lease, turn } = one.granted();
    shaky.isDown = true;
    const refused = record(lease.refuse());
    pass(STORE_TIMEOUT_MS);
    expect(refused.settled?.kind).toBe('error');
    turn.unsubscribe();
    shaky.isDown = false;
    pass(LEASE_MS);
    expect(store.content.owner).toBeNull();
  });
});

describe('a refresh that failed for now', () => {
  const failure = { reason: 'unavailable', retryAfterMs: 3_000 } as const;

  it('is one for all who wait, and its Retry-After counts from when each saw it', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    const { lease, turn } = one.granted();
    const waiting = two.turn();
    expect(record(lease.fail(failure)).expectOneOutcome()).toEqual({ kind: 'complete', values: [undefined] });
    turn.unsubscribe();
    expect(waiting.expectOneOutcome()).toEqual({ kind: 'complete', values: [{ kind: 'failed', failure }] });
    pass(1_000);
    for (const holder of [one, two]) {
      expect(holder.turn().values).toEqual([{ kind: 'failed', failure: { ...failure, retryAfterMs: 2_000 } }]);
    }
    pass(1_999);
    expect(kindOf(two.turn())).toBe('failed');
    pass(1);
    expect(kindOf(two.turn())).toBe('granted');
  });

  it('is remembered for minRefreshIntervalMs where the server did not say how long', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    record(one.granted().lease.fail({ reason: 'timeout', retryAfterMs: 0 }));
    pass(MIN_REFRESH_INTERVAL_MS - 1);
    expect(two.turn().values).toEqual([{ kind: 'failed', failure: { reason: 'timeout', retryAfterMs: 0 } }]);
    pass(1);
    expect(kindOf(two.turn())).toBe('granted');
  });

  it('does not keep a person from trying again', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    record(one.granted().lease.fail(failure));
    expect(kindOf(two.turn(true))).toBe('granted');
    expect(store.now?.failed).toBeUndefined();
  });

  it('does not count for a holder that cannot tell how old it is', () => {
    const store = signedIn();
    const silent = faulty(store.cell, { silent: true });
    const [one] = readers(store.cell);
    const [early] = readers(silent.cell);
    record(one.granted().lease.fail(failure));
    pass(86_400_000);
    const [late] = readers(store.cell);
    expect(kindOf(early.turn())).toBe('granted');
    early.port.close();
    pass(1);
    const other = signedIn();
    const [first] = readers(other.cell);
    record(first.granted().lease.fail(failure));
    const [opened] = readers(other.cell);
    expect(kindOf(opened.turn())).toBe('granted');
    late.port.close();
  });

  it('ends with the tokens that it was about', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    record(one.granted().lease.fail(failure));
    record(one.port.update('A', tokensOf(4)));
    expect(two.news).toMatchObject([{ tokens: tokensOf(4) }]);
    expect(kindOf(two.turn())).toBe('granted');
  });

  it('does not last longer when the clock is set back', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    record(one.granted().lease.fail(failure));
    vi.setSystemTime(Date.now() - 3_600_000);
    expect(kindOf(two.turn())).toBe('granted');
  });

  it('emits and completes although the store cannot be told', async () => {
    const store = signedIn();
    const shaky = faulty(store.cell);
    const [one] = readers(shaky.cell);
    const { lease, turn } = one.granted();
    shaky.isDown = true;
    const failed = record(lease.fail(failure));
    await passAsync(STORE_TIMEOUT_MS);
    expect(failed.expectOneOutcome()).toEqual({ kind: 'complete', values: [undefined] });
    turn.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves a sign-out alone', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    const { lease } = one.granted();
    record(two.port.signOut('A'));
    record(lease.fail(failure));
    pass(500);
    expect(store.now).toMatchObject({ owner: null, reason: 'sign-out' });
    expect(store.now?.failed).toBeUndefined();
  });
});

describe('a lease that is lost', () => {
  it('is told once, with what another holder wrote', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    const lost = record(one.granted().lease.lost$);
    record(two.port.signIn('B', tokensOf(7)));
    expect(lost.expectOneOutcome()).toEqual({ kind: 'complete', values: [{ owner: 'B', tokens: tokensOf(7) }] });
  });

  it('is found lost by the next beat where there are no news', () => {
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

  it('is lost when the record vanishes: that is a sign-out elsewhere', () => {
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
