import { describe, expect, it, vi } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { record } from '../support/recorder.ts';
import { tokensOf } from './fixture.ts';
import {
  faulty,
  holderOf,
  LEASE_MS,
  outcomeOf,
  pass,
  passAsync,
  peek,
  readers,
  signedIn,
  STORE_TIMEOUT_MS,
} from './shared-fixture.ts';
import { oneFaulty } from './shared-scenes.ts';

useFakeTime();

describe('signing in to a shared store', () => {
  it('is synchronous when the cell is, and the other holders are notified', () => {
    const store = peek();
    const [one, two] = readers(store.cell);
    expect(record(one.port.signIn('A', tokensOf(1))).expectOneOutcome()).toEqual({ kind: 'complete', values: [] });
    expect(store.content).toEqual({ owner: 'A', accessToken: 'access-1' });
    expect(two.news).toEqual([{ owner: 'A', tokens: tokensOf(1) }]);
    expect(one.news).toEqual([]);
  });

  it('replaces any sign-in, even while another holder refreshes', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    one.granted();
    record(two.port.signIn('B', tokensOf(7)));
    expect(store.content).toEqual({ owner: 'B', accessToken: 'access-7' });
    expect(one.news).toEqual([{ owner: 'B', tokens: tokensOf(7) }]);
  });

  it.each([1.5, -3])('replaces what is no session and has the version %d', (version) => {
    const store = peek({ name: 'my-cli', version } as never);
    const one = holderOf(store.cell);
    const written = record(one.port.signIn('B', tokensOf(2)));
    pass(STORE_TIMEOUT_MS);
    one.port.close();
    expect(outcomeOf(written)).toBe('complete');
    expect(record(holderOf(store.cell).port.read()).values).toEqual([{ owner: 'B', tokens: tokensOf(2) }]);
  });

  it('replaces a record that cannot be read, so that nobody is locked out', () => {
    const garbage = { version: 9, schema: 1, owner: 5 };
    const store = peek(garbage as never);
    const one = holderOf(store.cell);
    record(one.port.signIn('A', tokensOf(1)));
    expect(store.now).toMatchObject({ version: 10, owner: 'A' });
    expect(one.story).toEqual(['store-failed get owner: not as expected']);
  });

  it('is tried again until it succeeds, and fails after storeTimeoutMs with the store’s error', () => {
    const store = peek();
    const shaky = faulty(store.cell);
    const one = holderOf(shaky.cell);
    shaky.isDown = true;
    const written = record(one.port.signIn('A', tokensOf(1)));
    pass(STORE_TIMEOUT_MS - 1);
    expect(outcomeOf(written)).toBe('pending');
    pass(1);
    expect(written.expectOneOutcome()).toMatchObject({ kind: 'error', error: { message: 'unreachable' } });
    pass(600_000);
    shaky.isDown = false;
    pass(LEASE_MS);
    expect(store.content).toEqual({ owner: 'A', accessToken: 'access-1' });
    expect(vi.getTimerCount()).toBe(0);
    expect(one.story).toEqual(['store-failed get Error']);
  });

  it('repeats its swap when another holder was quicker', async () => {
    const store = signedIn();
    const slow = faulty(store.cell);
    const one = holderOf(slow.cell);
    slow.delayMs = 50;
    const written = record(one.port.signIn('B', tokensOf(7)));
    await passAsync(60);
    record(holderOf(store.cell).port.signIn('C', tokensOf(8)));
    await passAsync(500);
    expect(outcomeOf(written)).toBe('complete');
    expect(store.content.owner).toBe('B');
  });

  it('is not repeated over a sign-out that followed it, when its swap only seemed to fail', () => {
    const store = peek();
    const shaky = faulty(store.cell);
    const one = holderOf(shaky.cell);
    const [two] = readers(store.cell);
    shaky.nextSwaps.push('throws after');
    shaky.afterSwap = () => record(two.port.signOut('A'));
    const written = record(one.port.signIn('A', tokensOf(1)));
    pass(LEASE_MS);
    expect(outcomeOf(written)).toBe('complete');
    expect(store.content.owner).toBeNull();
    expect(one.news).toEqual([{ owner: null, tokens: null, reason: 'sign-out' }]);
  });

  it('is repeated after a failed swap, although another holder has updated the tokens of the former owner meanwhile', () => {
    const store = signedIn();
    const shaky = faulty(store.cell);
    const one = holderOf(shaky.cell);
    const [two] = readers(store.cell);
    two.granted();
    shaky.nextSwaps.push('throws before');
    record(one.port.signIn('B', tokensOf(7)));
    record(two.port.update('A', tokensOf(5)));
    pass(LEASE_MS);
    expect(store.content.owner).toBe('B');
  });

  it('does not overwrite newer tokens of its own owner, when its swap only seemed to fail', () => {
    const store = peek();
    const shaky = faulty(store.cell);
    const one = holderOf(shaky.cell);
    const [two] = readers(store.cell);
    shaky.nextSwaps.push('throws after');
    shaky.afterSwap = () => {
      shaky.afterSwap = undefined;
      record(two.granted().lease.commit('A', tokensOf(2)));
    };
    record(one.port.signIn('A', tokensOf(1)));
    pass(LEASE_MS);
    expect(store.content).toEqual({ owner: 'A', accessToken: 'access-2' });
    expect(one.news).toMatchObject([{ owner: 'A', tokens: tokensOf(2) }]);
  });

  it('holds back what other holders write for the former owner while it is being stored', async () => {
    const { faults: slow, one, two } = oneFaulty();
    slow.delayMs = 50;
    const written = record(one.port.signIn('B', tokensOf(7)));
    record(two.port.update('A', tokensOf(5)));
    await passAsync(1_000);
    expect(outcomeOf(written)).toBe('complete');
    expect(one.news).toEqual([]);
    expect(two.news).toEqual([{ owner: 'B', tokens: tokensOf(7) }]);
  });

  it('is written before the sign-out and the sign-in that follow it; an update() before that sign-out is not written', async () => {
    const store = peek();
    const slow = faulty(store.cell);
    const one = holderOf(slow.cell);
    const two = holderOf(store.cell);
    slow.delayMs = 50;
    record(one.port.signIn('A', tokensOf(1)));
    record(one.port.update('A', tokensOf(2)));
    record(one.port.signOut('A'));
    record(one.port.signIn('B', tokensOf(3)));
    await passAsync(2_000);
    expect(two.news.map(({ owner, tokens }) => [owner, tokens?.accessToken])).toEqual([
      ['A', 'access-1'],
      [null, undefined],
      ['B', 'access-3'],
    ]);
  });
});
