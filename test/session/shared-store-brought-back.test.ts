import { describe, expect, it } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { record } from '../support/recorder.ts';
import { tokensOf } from './fixture.ts';
import { gated } from './gated-cell.ts';
import { faulty, holderOf, LEASE_MS, outcomeOf, pass, passAsync, peek, readers, signedIn } from './shared-fixture.ts';
import { oneFaulty } from './shared-scenes.ts';

useFakeTime();

describe('a signed-out person is not brought back by', () => {
  it('a refresh that is committed at the same moment as a sign-out', async () => {
    const store = signedIn();
    const slow = gated(store.cell);
    const [one] = readers(slow.cell);
    const [two] = readers(store.cell);
    const { lease } = one.granted();
    slow.close();
    const committed = record(lease.commit('A', tokensOf(2)));
    record(two.port.signOut('A'));
    slow.open();
    slow.waiting[0]!();
    await passAsync(500);
    expect(committed.values).toMatchObject([{ kind: 'overtaken', stored: { owner: null } }]);
    expect(store.content.owner).toBeNull();
  });

  it('a refresh whose tokens are stored before the sign-out is written', async () => {
    const store = signedIn();
    const slow = gated(store.cell);
    const [one] = readers(store.cell);
    const [two] = readers(slow.cell);
    const { lease } = one.granted();
    slow.close();
    const out = record(two.port.signOut('A'));
    record(lease.commit('A', tokensOf(2)));
    slow.open();
    slow.waiting[0]!();
    await passAsync(500);
    expect(outcomeOf(out)).toBe('complete');
    expect(store.content.owner).toBeNull();
  });

  it('a refresh of another session that is announced while the sign-out is being written', async () => {
    const store = signedIn();
    const slow = gated(store.cell);
    const one = holderOf({ ...slow.cell, news$: store.cell.news$! });
    record(one.port.read());
    const [two] = readers(store.cell);
    slow.close();
    record(one.port.signOut('A'));
    record(two.granted().lease.commit('A', tokensOf(2)));
    await passAsync(10);
    expect(one.news).toEqual([]);
    slow.open();
    slow.waiting[0]!();
    await passAsync(500);
    expect(one.news).toEqual([]);
    expect(store.content.owner).toBeNull();
  });

  it.each(['signs out', 'signs in as somebody else'])(
    'a record that is being read after a change notification when the person %s',
    async (what) => {
      const { store, faults: slow, one, two } = oneFaulty();
      slow.delayMs = 50;
      record(two.port.update('A', tokensOf(5)));
      await passAsync(25);
      record(what === 'signs out' ? one.port.signOut('A') : one.port.signIn('B', tokensOf(7)));
      await passAsync(500);
      expect(one.news).toEqual([]);
      expect(store.content.owner).toBe(what === 'signs out' ? null : 'B');
    },
  );

  it('tokens of another session that are still being decrypted when the person signs out', async () => {
    const store = signedIn();
    const openings: ((text: string) => void)[] = [];
    const codec = {
      seal: (text: string) => text,
      open: (text: string) => new Promise<string>((resolve) => openings.push(() => resolve(text))),
    };
    const one = holderOf(store.cell, { codec });
    record(one.port.read());
    openings[0]!('');
    await passAsync(0);
    const [two] = readers(store.cell);
    record(two.port.update('A', tokensOf(5)));
    record(one.port.signOut('A'));
    openings[1]!('');
    await passAsync(100);
    expect(one.news).toEqual([]);
    expect(store.content.owner).toBeNull();
  });

  it('a sign-in that only seemed to fail, an outage, and a sign-out and another sign-in elsewhere', () => {
    const store = peek();
    const shaky = faulty(store.cell);
    const [one] = readers(shaky.cell);
    const [two] = readers(store.cell);
    shaky.nextSwaps.push('throws after');
    shaky.afterSwap = () => (shaky.isDown = true);
    record(one.port.signIn('A', tokensOf(1)));
    record(two.port.signOut('A'));
    pass(60_000);
    record(two.port.signIn('B', tokensOf(7)));
    shaky.isDown = false;
    pass(LEASE_MS);
    expect(store.content.owner).toBe('B');
    expect(one.news).toMatchObject([{ owner: 'B' }]);
  });

  it('a refusal of the former tokens after a new sign-in', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    const { lease } = one.granted();
    record(two.port.signOut('A'));
    record(two.port.signIn('B', tokensOf(7)));
    record(lease.refuse());
    pass(500);
    expect(store.content.owner).toBe('B');
  });
});
