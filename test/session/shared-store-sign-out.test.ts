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
  peek,
  readers,
  signedIn,
  STORE_TIMEOUT_MS,
} from './shared-fixture.ts';
import { oneDeaf, oneFaulty } from './shared-scenes.ts';

useFakeTime();

describe('signing out of a shared store', () => {
  it('empties it, and the other holders are notified', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    expect(record(one.port.signOut('A')).expectOneOutcome().kind).toBe('complete');
    expect(store.now).toMatchObject({ owner: null, tokens: null, reason: 'sign-out' });
    expect(two.news).toEqual([{ owner: null, tokens: null, reason: 'sign-out' }]);
  });

  it('does not end another owner’s sign-in, which `news$` emits', () => {
    const { store, one, two } = oneDeaf();
    record(two.port.signIn('B', tokensOf(7)));
    const news: unknown[] = [];
    one.port.news$?.subscribe((stored) => news.push(stored));
    record(one.port.signOut('A'));
    expect(store.content.owner).toBe('B');
    expect(news).toEqual([{ owner: 'B', tokens: tokensOf(7) }]);
  });

  it('is repeated while the store contains tokens of the signed-out owner', async () => {
    const { store, faults: slow, one, two } = oneFaulty();
    const { lease } = two.granted();
    slow.delayMs = 50;
    const written = record(one.port.signOut('A'));
    await passAsync(60);
    record(lease.commit('A', tokensOf(2)));
    expect(store.content.accessToken).toBe('access-2');
    await passAsync(1_000);
    expect(outcomeOf(written)).toBe('complete');
    expect(store.content.owner).toBeNull();
  });

  it('has effect at this holder while the store cannot be reached, and at the others as soon as it can', () => {
    const { store, faults: shaky, one, two } = oneFaulty();
    shaky.isDown = true;
    const written = record(one.port.signOut('A'));
    record(two.port.update('A', tokensOf(2)));
    pass(STORE_TIMEOUT_MS);
    expect(outcomeOf(written)).toBe('error');
    expect(one.news).toEqual([]);
    shaky.isDown = false;
    pass(LEASE_MS);
    expect(store.content.owner).toBeNull();
    expect(one.news).toEqual([]);
  });

  it('is not repeated when another person signed in while the store could not be reached', () => {
    const store = signedIn();
    const shaky = faulty(store.cell);
    const [one] = readers(shaky.cell);
    shaky.isDown = true;
    record(one.port.signOut('A'));
    pass(STORE_TIMEOUT_MS);
    record(holderOf(store.cell).port.signIn('B', tokensOf(7)));
    shaky.isDown = false;
    pass(LEASE_MS);
    expect(store.content.owner).toBe('B');
    expect(one.news).toEqual([{ owner: 'B', tokens: tokensOf(7) }]);
  });

  it('ends any sign-in that the store contains when this holder has not read the store yet', () => {
    const store = signedIn();
    record(holderOf(store.cell, { deaf: true }).port.signOut(null));
    expect(store.content.owner).toBeNull();
  });

  it('does not end a sign-in made since this holder last read the store, when nobody was signed in', () => {
    const store = peek();
    const [one] = readers(store.cell, { deaf: true });
    record(holderOf(store.cell).port.signIn('B', tokensOf(7)));
    record(one.port.signOut(null));
    expect(store.content.owner).toBe('B');
  });

  it('by deleting the record does not make versions repeat: the next sign-in has a higher one', () => {
    const store = signedIn();
    const { version } = store.now!;
    let isGone = true;
    const cell = {
      ...store.cell,
      read: () => (isGone ? null : store.now),
      swap: (_: number, next: never) => store.cell.swap(store.now!.version, next),
    };
    const [one] = readers(store.cell);
    const two = holderOf(cell);
    record(two.port.read());
    pass(1_000);
    record(two.port.signIn('B', tokensOf(2)));
    expect(store.now!.version).toBeGreaterThan(version);
    isGone = false;
    expect(one.news).toMatchObject([{ owner: 'B' }]);
  });

  it('is tried once more when the port is closed, and not after that', () => {
    const store = signedIn();
    const shaky = faulty(store.cell);
    const [one] = readers(shaky.cell);
    shaky.isDown = true;
    record(one.port.signOut('A'));
    pass(STORE_TIMEOUT_MS);
    one.port.close();
    expect(vi.getTimerCount()).toBe(0);
    const [two] = readers(shaky.cell);
    record(two.port.signOut('A'));
    pass(STORE_TIMEOUT_MS);
    shaky.isDown = false;
    two.port.close();
    expect(store.content.owner).toBeNull();
  });
});

describe('an update of the tokens in a shared store', () => {
  it('replaces the tokens for all holders, and does not count as a refresh', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    record(one.port.update('A', tokensOf(5)));
    expect(store.content).toEqual({ owner: 'A', accessToken: 'access-5' });
    expect(two.news).toEqual([{ owner: 'A', tokens: tokensOf(5) }]);
    expect(kindOf(one.turn())).toBe('granted');
  });

  it('is dropped when another session has stored refreshed tokens, and `news$` emits those tokens', () => {
    const { store, one, two } = oneDeaf();
    record(two.granted().lease.commit('A', tokensOf(2)));
    const news: unknown[] = [];
    one.port.news$?.subscribe((stored) => news.push(stored));
    expect(outcomeOf(record(one.port.update('A', tokensOf(5))))).toBe('complete');
    expect(store.content.accessToken).toBe('access-2');
    expect(news).toMatchObject([{ owner: 'A', tokens: tokensOf(2) }]);
  });

  it('is dropped, like the next update, when another holder has stored refreshed tokens of which this one did not know', async () => {
    const store = signedIn();
    const slow = faulty(store.cell, { silent: true });
    const [one] = readers(slow.cell);
    record(holderOf(store.cell).port.read());
    slow.delayMs = 50;
    record(one.port.update('A', tokensOf(5)));
    record(one.port.update('A', tokensOf(6)));
    const [two] = readers(store.cell);
    record(two.granted().lease.commit('A', tokensOf(2)));
    await passAsync(2_000);
    expect(store.content.accessToken).toBe('access-2');
  });

  it('has no effect for an owner who has signed out', () => {
    const store = signedIn();
    const [one] = readers(store.cell, { deaf: true });
    record(holderOf(store.cell).port.signOut(null));
    expect(outcomeOf(record(one.port.update('A', tokensOf(5))))).toBe('complete');
    expect(store.content.owner).toBeNull();
  });
});
