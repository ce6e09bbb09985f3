import { concat, NEVER, of } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { record } from '../support/recorder.ts';
import { tokensOf } from './fixture.ts';
import { faulty, holderOf, kindOf, LEASE_MS, leaseOf, pass, quiet, readers, signedIn } from './shared-fixture.ts';

useFakeTime();

describe('the turn (the right of one holder to refresh) in a shared store', () => {
  it('is granted to one holder; a waiting one is given the new tokens as soon as they are stored', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    const { lease, turn } = one.granted();
    const waiting = two.turn();
    expect(kindOf(waiting)).toBe('waiting');
    expect(record(lease.commit('A', tokensOf(2))).values).toEqual([{ kind: 'committed' }]);
    expect(two.news).toEqual([{ owner: 'A', tokens: tokensOf(2), refreshedAt: expect.any(Number) }]);
    expect(waiting.expectOneOutcome()).toEqual({ kind: 'complete', values: [{ kind: 'newer', stored: 'known' }] });
    turn.unsubscribe();
    expect(store.content).toEqual({ owner: 'A', accessToken: 'access-2' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['with the time, as it has read the store a moment ago', 0, true],
    ['without the time, as it has not read the store for longer than minRefreshIntervalMs and a lease', 1_700, false],
    ['with the time, as it was notified of the change', 1_700, true, true],
  ])(
    'is `newer` (tokens to adopt in place of a refresh) for a holder when another one was quicker, %s',
    (_what, sinceMs, isSeen, hears = false) => {
      const store = signedIn();
      const its = quiet(store.cell);
      const one = holderOf(store.cell);
      const two = holderOf(its.cell, { deaf: !hears });
      for (const { port } of [one, two]) record(port.read());
      pass(sinceMs);
      record(one.granted().lease.commit('A', tokensOf(2)));
      its.tell();
      const stored = { owner: 'A', tokens: tokensOf(2), refreshedAt: isSeen ? Date.now() : -Infinity };
      expect(hears ? two.news : two.turn().values).toEqual(hears ? [stored] : [{ kind: 'newer', stored }]);
      expect(kindOf(two.turn())).toBe('granted');
    },
  );

  it('is `newer` when only the refresh token was replaced', () => {
    const store = signedIn();
    const one = holderOf(store.cell);
    const two = holderOf(store.cell, { deaf: true });
    for (const { port } of [one, two]) record(port.read());
    const rotated = { accessToken: 'access-1', refreshToken: 'refresh-7' };
    record(one.granted().lease.commit('A', rotated));
    expect(two.turn().values).toEqual([
      { kind: 'newer', stored: { owner: 'A', tokens: rotated, refreshedAt: expect.any(Number) } },
    ]);
  });

  it('is granted to the next holder as soon as the first one gives it back without a result', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    const { turn } = one.granted();
    const waiting = two.turn();
    turn.unsubscribe();
    expect(kindOf(waiting)).toBe('granted');
    waiting.unsubscribe();
    expect(store.now?.lease).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends for a waiting holder with the new tokens, which it finds by polling, when the cell has no `news$`', () => {
    const store = signedIn();
    const { cell } = faulty(store.cell, { silent: true });
    const [one, two] = readers(cell);
    const { lease } = one.granted();
    const waiting = two.turn();
    record(lease.commit('A', tokensOf(2)));
    expect(kindOf(waiting)).toBe('waiting');
    pass(250);
    expect(waiting.values).toMatchObject([
      { kind: 'newer', stored: { tokens: tokensOf(2), refreshedAt: expect.any(Number) } },
    ]);
    expect(two.news).toEqual([]);
  });

  it('has no timer left when it is unsubscribed while it waits', () => {
    const store = signedIn();
    const its = quiet(store.cell);
    const [one] = readers(store.cell);
    const two = holderOf(its.cell, { deaf: true });
    record(two.port.read());
    const { turn } = one.granted();
    const before = vi.getTimerCount();
    const waiting = two.turn();
    expect(its.listeners).toBe(1);
    waiting.unsubscribe();
    expect(its.listeners).toBe(0);
    expect(vi.getTimerCount()).toBe(before);
    turn.unsubscribe();
    expect(store.now?.lease).toBeUndefined();
  });

  it('has its lease given back when it is unsubscribed while the lease is being taken', async () => {
    const store = signedIn();
    const slow = faulty(store.cell);
    const [one] = readers(slow.cell);
    slow.delayMs = 50;
    const waiting = one.turn();
    await vi.advanceTimersByTimeAsync(60);
    expect(slow.swaps).toBe(1);
    waiting.unsubscribe();
    await vi.advanceTimersByTimeAsync(500);
    expect(store.now?.lease).toBeUndefined();
    expect(slow.swaps).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has its lease given back although an update has changed the record', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    const { turn } = one.granted();
    record(two.port.update('A', tokensOf(5)));
    expect(store.now?.lease).toBeDefined();
    turn.unsubscribe();
    pass(200);
    expect(store.now?.lease).toBeUndefined();
    expect(store.content.accessToken).toBe('access-5');
  });

  it('fails when the lease is taken so late that others may take it for dead', async () => {
    const store = signedIn();
    const slow = faulty(store.cell);
    const one = holderOf(slow.cell, { storeTimeoutMs: 10_000 });
    record(one.port.read());
    const waiting = one.turn();
    waiting.unsubscribe();
    slow.delayMs = LEASE_MS / 2 + 1;
    const late = one.turn();
    await vi.advanceTimersByTimeAsync(2 * LEASE_MS);
    expect(kindOf(late)).toBe('error');
    await vi.advanceTimersByTimeAsync(3 * LEASE_MS);
    expect(store.now?.lease).toBeUndefined();
  });

  it('gives the tokens of the holder that took the lease first, also when it learns only late that its own write has lost', async () => {
    const store = signedIn();
    const slow = faulty(store.cell);
    const one = holderOf(slow.cell, { deaf: true, storeTimeoutMs: 10_000 });
    const two = holderOf(store.cell);
    for (const { port } of [one, two]) record(port.read());
    slow.delayMs = LEASE_MS / 2 - 20;
    const waiting = one.turn();
    await vi.advanceTimersByTimeAsync(slow.delayMs + 10);
    record(two.granted().lease.commit('A', tokensOf(2)));
    await vi.advanceTimersByTimeAsync(4 * LEASE_MS);
    expect(kindOf(waiting)).toBe('newer');
  });

  it('fails when the store cannot be read, presents nothing and leaves the record as it is', () => {
    const store = signedIn();
    const broken = faulty(store.cell);
    const [one] = readers(broken.cell);
    const before = store.now;
    broken.isDown = true;
    expect(one.turn().expectOneOutcome()).toMatchObject({ kind: 'error', error: { message: 'unreachable' } });
    expect(one.story).toEqual(['store-failed get Error']);
    expect(store.now).toBe(before);
    broken.isDown = false;
    expect(kindOf(one.turn())).toBe('granted');
  });

  it('fails when a waiting holder loses the store, and has no timer left', () => {
    const store = signedIn();
    const broken = faulty(store.cell);
    const [one] = readers(store.cell);
    const two = holderOf(broken.cell);
    record(two.port.read());
    const { turn } = one.granted();
    const before = vi.getTimerCount();
    const waiting = two.turn();
    broken.isDown = true;
    pass(250);
    expect(kindOf(waiting)).toBe('error');
    expect(vi.getTimerCount()).toBe(before);
    turn.unsubscribe();
  });

  it('is held until it is unsubscribed: it emits and does not complete', () => {
    const [one] = readers(signedIn().cell);
    const turn = one.turn();
    pass(10_000);
    expect(turn.values).toHaveLength(1);
    expect(turn.settled).toBeUndefined();
  });

  it('is granted once when twenty holders ask at the same time', () => {
    const store = signedIn();
    const holders = Array.from({ length: 20 }, () => holderOf(store.cell));
    for (const { port } of holders) record(port.read());
    const turns = holders.map((holder) => holder.turn());
    expect(turns.map(kindOf).filter((kind) => kind === 'granted')).toHaveLength(1);
    pass(2 * LEASE_MS);
    expect(turns.map(kindOf).filter((kind) => kind === 'granted')).toHaveLength(1);
    record(leaseOf(turns.find((turn) => kindOf(turn) === 'granted')!).commit('A', tokensOf(2)));
    expect(turns.map(kindOf).filter((kind) => kind === 'newer')).toHaveLength(19);
  });

  it('is waited for although the cell’s `news$` emits at each subscription', () => {
    const store = signedIn();
    const cell = { ...store.cell, news$: concat(of(null), NEVER) };
    const [one, two] = readers(cell);
    one.granted();
    const waiting = two.turn();
    pass(1_000);
    expect(kindOf(waiting)).toBe('waiting');
  });
});
