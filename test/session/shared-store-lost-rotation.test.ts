import { describe, expect, it, vi } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { record } from '../support/recorder.ts';
import { tokensOf } from './fixture.ts';
import { gated } from './gated-cell.ts';
import {
  faulty,
  holderOf,
  kindOf,
  LEASE_MS,
  pass,
  passAsync,
  readers,
  signedIn,
  STORE_TIMEOUT_MS,
} from './shared-fixture.ts';
import { sharedSessions, type HolderSession } from './shared-sessions.ts';

useFakeTime();

describe('no rotation is lost:', () => {
  it('refreshed tokens are stored once when a write of them hangs and takes effect after its retry', async () => {
    const store = signedIn();
    const slow = gated(store.cell);
    const [one] = readers(slow.cell, { deaf: true });
    const { lease, turn } = one.granted();
    slow.close();
    const committed = record(lease.commit('A', tokensOf(2)));
    await passAsync(STORE_TIMEOUT_MS);
    slow.open();
    await passAsync(LEASE_MS);
    const { version } = store.now!;
    slow.waiting[0]!();
    expect(store.now).toMatchObject({ version, generation: 2 });
    expect(store.content.accessToken).toBe('access-2');
    expect(committed.settled?.kind).toBe('error');
    turn.unsubscribe();
    expect(one.turn().values).toMatchObject([{ kind: 'newer', stored: { tokens: tokensOf(2) } }]);
  });

  it('refreshed tokens whose write hangs are found stored by the retry when the write took effect before', async () => {
    const store = signedIn();
    const slow = gated(store.cell);
    const one = holderOf(slow.cell, { storeTimeoutMs: 100 });
    record(one.port.read());
    const { lease } = one.granted();
    slow.close();
    record(lease.commit('A', tokensOf(2)));
    await passAsync(110);
    slow.waiting[0]!();
    slow.open();
    const { version } = store.now!;
    await passAsync(1_000);
    expect(store.now?.version).toBe(version);
    expect(one.port.takeUnsaved()).toBeNull();
  });

  it('a lease renewal that hangs does not delay storing the refreshed tokens', async () => {
    const store = signedIn();
    const slow = gated(store.cell);
    const [one] = readers(slow.cell);
    const { lease } = one.granted();
    slow.close();
    await passAsync(LEASE_MS / 3 + 10);
    expect(slow.waiting).toHaveLength(1);
    slow.open();
    const committed = record(lease.commit('A', tokensOf(2)));
    await passAsync(0);
    expect(committed.values).toEqual([{ kind: 'committed' }]);
    slow.waiting[0]!();
    expect(store.content.accessToken).toBe('access-2');
    expect(store.now?.lease).toBeUndefined();
  });

  it('refreshed tokens are stored although a late lease renewal takes effect between two attempts to write them', async () => {
    const store = signedIn();
    const slow = gated(store.cell);
    const [one] = readers(slow.cell);
    const { lease } = one.granted();
    slow.close();
    await passAsync(LEASE_MS / 3 + 10);
    const committed = record(lease.commit('A', tokensOf(2)));
    slow.waiting[0]!();
    slow.waiting[1]!();
    slow.open();
    await passAsync(200);
    expect(committed.values).toEqual([{ kind: 'committed' }]);
    expect(store.content.accessToken).toBe('access-2');
  });

  it('a lost lease renewal does not cost the lease, because the next one is sent in time', async () => {
    const store = signedIn();
    const lossy = faulty(store.cell);
    const one = holderOf(lossy.cell, { storeTimeoutMs: 10 * LEASE_MS });
    record(one.port.read());
    const [two] = readers(store.cell);
    one.granted();
    lossy.nextSwaps.push('hangs before');
    const waiting = two.turn();
    await passAsync(3 * LEASE_MS);
    expect(kindOf(waiting)).toBe('waiting');
  });

  it('a holder does not present again what it could not store, even when the session refreshes at once', () => {
    const store = signedIn();
    const shaky = faulty(store.cell);
    const [one] = readers(shaky.cell);
    const { lease, turn } = one.granted();
    shaky.nextSwaps.push('throws before', 'throws before', 'throws before');
    record(lease.commit('A', tokensOf(2))).unsubscribe();
    turn.unsubscribe();
    const again = one.turn();
    expect(kindOf(again)).not.toBe('granted');
    pass(LEASE_MS);
    expect(again.values).toMatchObject([{ kind: 'newer', stored: { tokens: tokensOf(2) } }]);
    expect(one.news).toEqual([]);
  });

  it('a sign-out while tokens are unsaved leaves the store empty, whoever asks for the tokens', () => {
    for (const takes of [true, false]) {
      const store = signedIn();
      const shaky = faulty(store.cell);
      const [one] = readers(shaky.cell);
      const { lease, turn } = one.granted();
      shaky.isDown = true;
      record(lease.commit('A', tokensOf(2)));
      pass(STORE_TIMEOUT_MS);
      turn.unsubscribe();
      record(one.port.signOut('A'));
      expect(takes ? one.port.takeUnsaved() : null).toEqual(takes ? tokensOf(2) : null);
      shaky.isDown = false;
      pass(3 * LEASE_MS);
      expect(store.content).toEqual({ owner: null, accessToken: null });
      expect(one.news).toEqual([]);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it('an update by the app that is stored while refreshed tokens are being written does not replace them', async () => {
    const store = signedIn();
    const slow = gated(store.cell);
    const [one] = readers(slow.cell);
    const { lease } = one.granted();
    slow.close();
    const committed = record(lease.commit('A', tokensOf(2)));
    record(one.port.update('A', { ...tokensOf(1), accessToken: 'access-9' }));
    slow.open();
    slow.waiting[0]!();
    await passAsync(500);
    expect(committed.values).toEqual([{ kind: 'committed' }]);
    expect(store.content.accessToken).toBe('access-2');
  });
});

describe.each([
  ['with change notifications', false],
  ['without change notifications', true],
])('when the storage has lost the last refresh, as a Redis that fails over may, %s', (_how, deaf) => {
  it('a holder presents the newest refresh token that it has, and all holders get the next tokens', async () => {
    const { server, cell, stored, content, openMany } = sharedSessions();
    const [one, two] = openMany(2, { deaf, refresh: server.refresh(50) }) as [HolderSession, HolderSession];
    const old = stored()!;
    record(one.session.refresh$);
    record(two.session.refresh$);
    await passAsync(LEASE_MS);
    void cell.swap(stored()!.version, old);
    await passAsync(LEASE_MS);
    expect(content().accessToken).toBe('access-ada1-1');

    server.expireAccess();
    const requests = [one.request()];
    await passAsync(LEASE_MS);
    requests.push(two.request());
    await passAsync(2 * LEASE_MS);

    for (const request of requests) expect(request.expectOneOutcome()).toMatchObject({ values: ['ada'] });
    const { length } = server.presented;
    expect([server.presented.at(-1), server.reused]).toEqual([`refresh-ada1-${String(length)}`, []]);
    for (const { session } of [one, two]) expect(session.state.tokens?.accessToken).toBe(content().accessToken);
  });
});
