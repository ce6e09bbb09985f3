import { describe, expect, it, vi } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { record } from '../support/recorder.ts';
import { tokensOf } from './fixture.ts';
import {
  faulty,
  kindOf,
  LEASE_MS,
  leaseOf,
  MIN_REFRESH_INTERVAL_MS,
  pass,
  passAsync,
  readers,
  signedIn,
  STORE_TIMEOUT_MS,
} from './shared-fixture.ts';
import { oneDeaf, oneFaulty } from './shared-scenes.ts';

useFakeTime();

describe('a refused refresh of a shared store', () => {
  it('empties the store for the reason `expired` before the next holder could get its turn', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    const { lease } = one.granted();
    const waiting = two.turn();
    expect(record(lease.refuse()).values).toEqual([{ kind: 'committed' }]);
    // The turn emits nothing: the change notification of the sign-out ends the session's wait.
    expect(waiting.events).toEqual([]);
    expect(two.news).toEqual([{ owner: null, tokens: null, reason: 'expired' }]);
    expect(store.now).toMatchObject({ owner: null, tokens: null, reason: 'expired' });
  });

  it('leaves tokens that another holder has stored since', () => {
    const { store, one, two } = oneDeaf();
    const { lease } = one.granted();
    record(two.port.signIn('B', tokensOf(7)));
    const refused = record(lease.refuse());
    pass(100);
    expect(refused.values).toEqual([{ kind: 'overtaken', stored: { owner: 'B', tokens: tokensOf(7) } }]);
    expect(store.content.owner).toBe('B');
  });

  it('leaves tokens that another holder’s update() has brought meanwhile, because they were not presented', () => {
    const { store, one, two } = oneDeaf();
    const { lease } = one.granted();
    record(two.port.update('A', tokensOf(7)));
    const refused = record(lease.refuse());
    pass(100);
    expect(refused.values).toEqual([{ kind: 'overtaken', stored: { owner: 'A', tokens: tokensOf(7) } }]);
    expect(store.content.accessToken).toBe('access-7');
    expect(kindOf(two.turn())).toBe('granted');
  });

  it('does not empty the store once another holder has the lease, which may have presented the refresh token first', () => {
    const { faults: stopped, one, two } = oneFaulty({ deaf: true });
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

  it('is written again until the store is empty', () => {
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

describe('a failed refresh of a shared store', () => {
  const failure = { reason: 'unavailable', retryAfterMs: 3_000 } as const;

  it('fails the holders that wait, and each later attempt until its Retry-After has passed', () => {
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

  it('is remembered for minRefreshIntervalMs when the server did not say how long', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    record(one.granted().lease.fail({ reason: 'timeout', retryAfterMs: 0 }));
    pass(MIN_REFRESH_INTERVAL_MS - 1);
    expect(two.turn().values).toEqual([{ kind: 'failed', failure: { reason: 'timeout', retryAfterMs: 0 } }]);
    pass(1);
    expect(kindOf(two.turn())).toBe('granted');
  });

  it('is remembered from the moment when it failed by the session that refreshed, also if the cell emits no `news$`', () => {
    const store = signedIn();
    const [one] = readers(faulty(store.cell, { silent: true }).cell);
    const { lease, turn } = one.granted();
    record(lease.fail({ reason: 'timeout', retryAfterMs: 0 }));
    turn.unsubscribe();
    pass(MIN_REFRESH_INTERVAL_MS);
    expect(kindOf(one.turn())).toBe('granted');
  });

  it('does not prevent a person from trying again', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    record(one.granted().lease.fail(failure));
    expect(kindOf(two.turn(true))).toBe('granted');
    expect(store.now?.failed).toBeUndefined();
  });

  it('has no effect for a holder that cannot tell how long ago it was', () => {
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

  it('is forgotten when its tokens are replaced', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    record(one.granted().lease.fail(failure));
    record(one.port.update('A', tokensOf(4)));
    expect(two.news).toMatchObject([{ tokens: tokensOf(4) }]);
    expect(kindOf(two.turn())).toBe('granted');
  });

  it('is not remembered longer when the clock is set back', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    record(one.granted().lease.fail(failure));
    vi.setSystemTime(Date.now() - 3_600_000);
    expect(kindOf(two.turn())).toBe('granted');
  });

  it('causes no further error when the note of it cannot be written to the store', async () => {
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

  it('does not overwrite a sign-out', () => {
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
