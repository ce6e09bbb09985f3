import { describe, expect, it, vi } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { mutexOf } from '../support/mutex.ts';
import { record } from '../support/recorder.ts';
import { tokensOf } from './fixture.ts';
import {
  faulty,
  holderOf,
  kindOf,
  LEASE_MS,
  leaseOf,
  opening,
  passAsync,
  quiet,
  readers,
  signedIn,
  STORE_TIMEOUT_MS,
  type SessionCell,
} from './shared-fixture.ts';

useFakeTime();

function locked() {
  const store = signedIn();
  const lock = mutexOf();
  return { store, lock, cell: { ...store.cell, lock } };
}

const settled = (): Promise<unknown> => passAsync(0);

describe('a shared store whose cell has a lock', () => {
  it('grants one turn at a time, and writes no lease and no renewals', async () => {
    const { store, cell, lock } = locked();
    const [one, two] = readers(cell);
    const [first, second] = [one.turn(), two.turn()];
    await settled();
    expect([kindOf(first), kindOf(second)]).toEqual(['granted', 'waiting']);
    const { version } = store.now!;
    await passAsync((10 * LEASE_MS) / 4);
    expect(store.now).toMatchObject({ version });
    expect(store.now?.lease).toBeUndefined();
    record(leaseOf(first).commit('A', tokensOf(2)));
    first.unsubscribe();
    await settled();
    expect(two.news).toEqual([{ owner: 'A', tokens: tokensOf(2), refreshedAt: expect.any(Number) }]);
    expect(second.expectOneOutcome()).toEqual({ kind: 'complete', values: [{ kind: 'newer', stored: 'known' }] });
    await settled();
    expect([lock.held, lock.waiting]).toEqual([0, 0]);
  });

  it('withdraws a wait that is unsubscribed', async () => {
    const { cell, lock } = locked();
    const [one, two] = readers(cell);
    const first = one.turn();
    await settled();
    const second = two.turn();
    await settled();
    expect([lock.held, lock.waiting]).toEqual([1, 1]);
    second.unsubscribe();
    await settled();
    expect([lock.held, lock.waiting]).toEqual([1, 0]);
    first.unsubscribe();
    await settled();
    expect([lock.held, lock.waiting]).toEqual([0, 0]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stops waiting for the lock after 20 ms when there is nothing to refresh', async () => {
    const { cell, lock } = locked();
    const [one] = readers(cell);
    const [two] = readers(cell, { deaf: true });
    const first = one.turn();
    await settled();
    record(leaseOf(first).commit('A', tokensOf(2)));
    const waiting = two.turn();
    await passAsync(20);
    expect(waiting.values).toMatchObject([{ kind: 'newer', stored: { tokens: tokensOf(2) } }]);
    expect([lock.held, lock.waiting]).toEqual([1, 0]);
  });

  it('takes the tokens that a holder has stored while it waits for the lock, which that holder never releases', async () => {
    const { cell, lock } = locked();
    const [one] = readers(cell);
    const [two] = readers(cell, { deaf: true });
    const first = one.turn();
    await settled();
    const waiting = two.turn();
    await settled();
    expect([lock.held, lock.waiting]).toEqual([1, 1]);
    record(leaseOf(first).commit('A', tokensOf(2)));
    await passAsync(250);
    expect(waiting.expectOneOutcome()).toMatchObject({
      kind: 'complete',
      values: [{ kind: 'newer', stored: { tokens: tokensOf(2) } }],
    });
    await settled();
    expect([lock.held, lock.waiting]).toEqual([1, 0]);
  });

  it('waits on for the lock when the record cannot be read meanwhile', async () => {
    const { store, lock } = locked();
    const [one] = readers({ ...store.cell, lock });
    let isAway = false;
    const read = (): ReturnType<SessionCell['read']> =>
      isAway ? Promise.reject(new Error('away')) : store.cell.read();
    const [two] = readers({ ...store.cell, read, lock }, { deaf: true });
    const first = one.turn();
    await settled();
    const waiting = two.turn();
    await settled();
    isAway = true;
    await passAsync(1_000);
    expect(kindOf(waiting)).toBe('waiting');
    isAway = false;
    first.unsubscribe();
    await settled();
    expect(kindOf(waiting)).toBe('granted');
  });

  it('fails and presents nothing when the lock is not granted in the time that a living holder may need', async () => {
    const { cell, lock } = locked();
    const [one, two] = readers(cell, { refreshTimeoutMs: 5_000 });
    one.turn();
    await settled();
    const waiting = two.turn();
    await passAsync(5_000 + 3 * STORE_TIMEOUT_MS + LEASE_MS - 1);
    expect(kindOf(waiting)).toBe('waiting');
    await passAsync(1);
    expect(waiting.expectOneOutcome()).toMatchObject({ kind: 'error', error: { name: 'TimeoutError' } });
    expect(two.story).toEqual(['store-failed lock TimeoutError']);
    await settled();
    expect([lock.held, lock.waiting]).toEqual([1, 0]);
  });

  it.each<[string, NonNullable<SessionCell['lock']>]>([
    ['rejects', () => Promise.reject(new Error('no'))],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['ends without having been granted', () => Promise.resolve(undefined as never)],
  ])('fails when the lock %s', async (_how, lock) => {
    const store = signedIn();
    const [one] = readers({ ...store.cell, lock });
    const before = store.now;
    const turn = one.turn();
    await settled();
    expect(turn.expectOneOutcome().kind).toBe('error');
    expect(one.story).toEqual(['store-failed lock Error']);
    expect(store.now).toBe(before);
  });

  it('ignores a lock that is granted a second time, or fails after it was granted', async () => {
    const store = signedIn();
    const works: (() => Promise<unknown>)[] = [];
    let reject: ((error: Error) => void) | undefined;
    let signal: AbortSignal | undefined;
    const lock: NonNullable<SessionCell['lock']> = (work, options) => {
      works.push(work);
      ({ signal } = options);
      return new Promise((_, no) => (reject = no));
    };
    const [one] = readers({ ...store.cell, lock });
    const turn = one.turn();
    void works[0]!();
    await settled();
    expect(await works[0]!()).toBeUndefined();
    reject!(new Error('lost'));
    await settled();
    expect(kindOf(turn)).toBe('granted');
    expect(signal?.aborted).toBe(false);
    expect(record(leaseOf(turn).commit('A', tokensOf(2))).values).toEqual([{ kind: 'committed' }]);
  });

  it('gives back a lock at once that is granted after the wait was withdrawn', async () => {
    const store = signedIn();
    const works: (() => Promise<unknown>)[] = [];
    const lock: NonNullable<SessionCell['lock']> = (work) => {
      works.push(work);
      return new Promise(() => {});
    };
    const [one] = readers({ ...store.cell, lock });
    one.turn().unsubscribe();
    await expect(works[0]!()).resolves.toBeUndefined();
  });

  it('lets a turn end although `news$` emitted the write before the tokens could be opened', async () => {
    const { store, slowToOpen } = opening([0, 10, 50]);
    const its = quiet(store.cell);
    const one = slowToOpen({ ...its.cell, lock: (work) => work() });
    await passAsync(0);
    const [two] = readers(store.cell);
    record(two.port.update('A', tokensOf(7)));
    its.tell();
    const turn = one.turn();
    await passAsync(1_000);
    expect(turn.expectOneOutcome()).toEqual({ kind: 'complete', values: [{ kind: 'newer', stored: 'known' }] });
    expect(one.news).toEqual([{ owner: 'A', tokens: tokensOf(7) }]);
  });

  it('still decides by the swap: when the lock lets two in, the later one loses its result', async () => {
    const store = signedIn();
    const [one, two] = readers({ ...store.cell, lock: (work) => work() }, { deaf: true });
    const [first, second] = [one.turn(), two.turn()];
    await settled();
    expect([kindOf(first), kindOf(second)]).toEqual(['granted', 'granted']);
    record(leaseOf(first).commit('A', tokensOf(2)));
    const late = record(leaseOf(second).commit('A', tokensOf(3)));
    await passAsync(200);
    expect(late.values).toMatchObject([{ kind: 'overtaken', stored: { tokens: tokensOf(2) } }]);
    expect(store.content.accessToken).toBe('access-2');
  });

  it('stores a refresh over an update, but not over a sign-out', async () => {
    const { store, cell } = locked();
    const [one, two] = readers(cell);
    const first = one.turn();
    await settled();
    record(two.port.update('A', { ...tokensOf(1), accessToken: 'access-9' }));
    record(leaseOf(first).commit('A', tokensOf(2)));
    expect(store.content.accessToken).toBe('access-2');
    first.unsubscribe();
    const second = one.turn();
    await settled();
    const lost = record(leaseOf(second).lost$);
    record(two.port.signOut('A'));
    expect(lost.values).toEqual([{ owner: null, tokens: null, reason: 'sign-out' }]);
    record(leaseOf(second).commit('A', tokensOf(3)));
    expect(store.content.owner).toBeNull();
  });

  it('keeps the lock until the refresh is stored, so that nobody presents the spent token', async () => {
    const { store, cell, lock } = locked();
    const shaky = faulty(cell);
    const one = holderOf({ ...shaky.cell, lock: cell.lock });
    record(one.port.read());
    const [two] = readers(cell);
    const first = one.turn();
    await settled();
    shaky.isDown = true;
    record(leaseOf(first).commit('A', tokensOf(2)));
    await passAsync(STORE_TIMEOUT_MS);
    first.unsubscribe();
    const waiting = two.turn();
    await passAsync(STORE_TIMEOUT_MS);
    expect(kindOf(waiting)).toBe('waiting');
    shaky.isDown = false;
    await passAsync(LEASE_MS);
    expect(waiting.values).toEqual([{ kind: 'newer', stored: 'known' }]);
    expect(two.news).toMatchObject([{ tokens: tokensOf(2) }]);
    expect(store.content.accessToken).toBe('access-2');
    await settled();
    expect([lock.held, lock.waiting]).toEqual([0, 0]);
  });

  it('ignores a lease in the record from before the cell had a lock', async () => {
    const { store, cell } = locked();
    const [before] = readers(store.cell);
    before.granted();
    const [one] = readers(cell);
    const turn = one.turn();
    await settled();
    expect(kindOf(turn)).toBe('granted');
  });
});
