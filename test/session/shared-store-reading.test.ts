import { NEVER, throwError } from 'rxjs';
import { memoryCell, type StoredSession } from 'sluice/session';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { expectNoToken } from '../support/no-token.ts';
import { record } from '../support/recorder.ts';
import { tokensOf } from './fixture.ts';
import {
  faulty,
  holderOf,
  kindOf,
  pass,
  passAsync,
  peek,
  quiet,
  readers,
  signedIn,
  STORE_TIMEOUT_MS,
  type SessionCell,
} from './shared-fixture.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const good: StoredSession = {
  schema: 1,
  version: 7,
  owner: 'A',
  generation: 3,
  tokens: JSON.stringify(tokensOf(1)),
  by: 'x.1',
};

/** A cell that gives a value of any kind and notes what is written over it. */
function cellWith(value: unknown): { cell: SessionCell; readonly written: StoredSession[] } {
  const written: StoredSession[] = [];
  return {
    written,
    cell: {
      read: () => value as StoredSession,
      swap: (_expected, next) => {
        written.push(next);
        return true;
      },
    },
  };
}

describe('reading a shared store', () => {
  it('emits synchronously where the cell is synchronous, and that nobody is signed in for an empty one', () => {
    const one = holderOf(memoryCell<StoredSession>());
    expect(record(one.port.read()).expectOneOutcome()).toEqual({
      kind: 'complete',
      values: [{ owner: null, tokens: null }],
    });
    expect(one.story).toEqual([]);
  });

  it('gives the owner and the tokens of a record', () => {
    expect(record(holderOf(memoryCell(good)).port.read()).values).toEqual([{ owner: 'A', tokens: tokensOf(1) }]);
  });

  it('takes null for an optional field that is absent, as a database gives it', () => {
    const row = { ...good, reason: null, refreshed: null, failed: null, lease: null };
    expect(record(holderOf(cellWith(row).cell).port.read()).values).toEqual([{ owner: 'A', tokens: tokensOf(1) }]);
  });

  it('errors when the cell does not answer within storeTimeoutMs', async () => {
    const one = holderOf({ read: () => new Promise(() => {}), swap: () => true });
    const read = record(one.port.read());
    await passAsync(STORE_TIMEOUT_MS);
    expect(read.expectOneOutcome()).toMatchObject({ kind: 'error', error: { name: 'TimeoutError' } });
    expect(one.story).toEqual(['store-failed get TimeoutError']);
  });

  it('errors and writes nothing for a cell that throws or rejects; it is not taken for empty', async () => {
    for (const fail of [
      () => {
        throw new Error('refresh-1');
      },
      () => Promise.reject(new Error('refresh-1')),
    ]) {
      const swap = vi.fn<SessionCell['swap']>();
      const one = holderOf({ read: fail, swap });
      const read = record(one.port.read());
      await passAsync(0);
      expect(read.expectOneOutcome().kind).toBe('error');
      expect(one.story).toEqual(['store-failed get Error']);
      expect(swap).not.toHaveBeenCalled();
    }
  });

  it('can be tried again after a failure', () => {
    const shaky = faulty(memoryCell(good));
    const one = holderOf(shaky.cell);
    shaky.isDown = true;
    expect(record(one.port.read()).settled?.kind).toBe('error');
    shaky.isDown = false;
    expect(record(one.port.read()).values).toEqual([{ owner: 'A', tokens: tokensOf(1) }]);
  });

  it('does not quote a text that could not be parsed, not even in the cause', () => {
    const one = holderOf({ read: () => JSON.parse('access-1 {') as never, swap: () => true });
    const outcome = record(one.port.read()).expectOneOutcome();
    expectNoToken(outcome, ['access-1']);
    expect(one.story).toEqual(['store-failed get not valid JSON']);
  });
});

describe('a record that is none', () => {
  const wrong: [name: string, value: unknown, message: string][] = [
    ['a string', 'access-1', 'schema'],
    ['a number', 17, 'schema'],
    ['an array', [good], 'schema'],
    ['an empty object', {}, 'schema'],
    ['an empty access token', { accessToken: '' }, 'schema'],
    ['a schema that is a text', { ...good, schema: '1' }, 'schema'],
    ['a schema of below 1', { ...good, schema: 0 }, 'schema'],
    ['a version that is a text', { ...good, version: '7' }, 'version'],
    ['a version of 0', { ...good, version: 0 }, 'version'],
    ['a fractional version', { ...good, version: 1.5 }, 'version'],
    ['a version that cannot grow', { ...good, version: Number.MAX_SAFE_INTEGER }, 'version'],
    ['an empty owner', { ...good, owner: '' }, 'owner'],
    ['no owner', { ...good, owner: undefined }, 'owner'],
    ['a negative generation', { ...good, generation: -1 }, 'generation'],
    ['an owner without tokens', { ...good, tokens: null }, 'tokens'],
    ['tokens without an owner', { ...good, owner: null }, 'tokens'],
    ['tokens that are an object', { ...good, tokens: tokensOf(1) }, 'tokens'],
    ['an unknown reason', { ...good, reason: 'access-1' }, 'reason'],
    ['an inherited reason', { ...good, reason: 'toString' }, 'reason'],
    ['a refreshed that is no boolean', { ...good, refreshed: 'access-1' }, 'refreshed'],
    ['an unknown failure', { ...good, failed: { reason: 'access-1', retryAfterMs: 0 } }, 'failed'],
    ['an infinite Retry-After', { ...good, failed: { reason: 'timeout', retryAfterMs: Infinity } }, 'failed'],
    ['a lease that is a text', { ...good, lease: 'access-1' }, 'lease'],
    ['a lease for a negative time', { ...good, lease: { by: 'x', forMs: -1 } }, 'lease'],
    ['no writer', { ...good, by: undefined }, 'by'],
  ];

  it.each(wrong)(
    'is reported by the name of what is wrong, and never overwritten by a start: %s',
    (_name, value, field) => {
      const { cell, written } = cellWith(value);
      const one = holderOf(cell);
      const read = record(one.port.read());
      const turn = one.turn();
      expect([read.settled?.kind, kindOf(turn)]).toEqual(['error', 'error']);
      expect(one.story).toEqual([`store-failed get ${field}: not as expected`]);
      expectNoToken([read.settled, turn.settled], ['access-', 'refresh-']);
      expect(written).toEqual([]);
    },
  );

  it.each([
    ['no JSON', 'access-1'],
    ['no token set', '{"refreshToken":"refresh-1"}'],
    ['null', 'null'],
  ])('is one whose tokens are %s', (_name, tokens) => {
    const { cell, written } = cellWith({ ...good, tokens });
    const one = holderOf(cell);
    const read = record(one.port.read());
    expect(read.settled?.kind).toBe('error');
    expectNoToken([read.settled, one.story], ['access-', 'refresh-']);
    expect(one.story).toHaveLength(1);
    expect(written).toEqual([]);
  });

  it('is none of those whose tokens have a broken expiry: they count, with an unknown one, and that is reported', () => {
    const { cell } = cellWith({ ...good, tokens: '{"accessToken":"access-1","expiresAt":"soon"}' });
    const one = holderOf(cell);
    expect(record(one.port.read()).values).toMatchObject([{ tokens: { accessToken: 'access-1' } }]);
    expect(one.story).toEqual(['tokens-faulty store: expiresAt is a string']);
  });

  it('is one whose fields throw', () => {
    const hostile = {
      get schema() {
        throw new Error('access-1');
      },
    };
    const one = holderOf(cellWith(hostile).cell);
    expect(record(one.port.read()).settled?.kind).toBe('error');
    expect(one.story).toEqual(['store-failed get Error']);
  });

  it('does not end a session that is in force, and is reported once while it lasts', () => {
    const store = signedIn();
    const its = quiet({
      read: () => current as StoredSession,
      swap: (expected, next) => store.cell.swap(expected, next),
    });
    let current: unknown = store.now;
    const [one] = readers(its.cell);
    current = { ...store.now, owner: 5 };
    its.tell();
    its.tell();
    expect(one.news).toEqual([]);
    expect(one.story).toEqual(['store-failed get owner: not as expected']);
    current = store.now;
    expect(kindOf(one.turn())).toBe('granted');
  });
});

describe('a record of a newer schema', () => {
  it('is not touched by anything, and reported once', () => {
    const { cell, written } = cellWith({ ...good, schema: 2 });
    const one = holderOf(cell);
    record(one.port.read());
    expect(kindOf(one.turn())).toBe('error');
    record(one.port.signIn('B', tokensOf(2)));
    record(one.port.signOut('B'));
    pass(60_000);
    one.port.close();
    expect(written).toEqual([]);
    expect(one.story).toEqual(['store-failed get schema: newer than this version of Sluice']);
  });
});

describe('a bare token set, from before there were owners', () => {
  it('has one owner for all holders, so that nobody is signed out by an update of the app', () => {
    const cell = memoryCell(tokensOf(1) as unknown as StoredSession);
    const [one, two] = [holderOf(cell), holderOf(cell)];
    const [first] = record(one.port.read()).values;
    expect(first).toMatchObject({ owner: expect.any(String), tokens: tokensOf(1) });
    expect(record(two.port.read()).values).toEqual([first]);
  });

  it('is written anew by the first refresh, which the other holders follow', () => {
    const cell = memoryCell(tokensOf(1) as unknown as StoredSession);
    const [one, two] = readers(cell);
    record(one.granted().lease.commit('A', tokensOf(2)));
    expect(cell.read()).toMatchObject({ schema: 1, version: expect.any(Number), refreshed: true });
    expect(two.news).toMatchObject([{ tokens: tokensOf(2), isNew: true }]);
  });

  it('is sealed as soon as it is written', () => {
    const cell = memoryCell(tokensOf(1) as unknown as StoredSession);
    const codec = { seal: (text: string) => btoa(text), open: (text: string) => atob(text) };
    const [one, two] = readers(cell, { codec });
    const { turn } = one.granted();
    turn.unsubscribe();
    expect((cell.read() as StoredSession).tokens).toBe(btoa(JSON.stringify(tokensOf(1))));
    expect(record(two.port.read()).values).toMatchObject([{ tokens: tokensOf(1) }]);
  });
});

describe('a codec', () => {
  const reverse = (text: string): string => Array.from(text).reverse().join('');

  it('seals the tokens and nothing else', () => {
    const store = peek();
    const one = holderOf(store.cell, { codec: { seal: reverse, open: reverse } });
    record(one.port.signIn('A', tokensOf(1)));
    expect(store.now).toMatchObject({ owner: 'A', tokens: reverse(JSON.stringify(tokensOf(1))) });
    expect(record(one.port.read()).values).toEqual([{ owner: 'A', tokens: tokensOf(1) }]);
  });

  it('may be asynchronous', async () => {
    const store = peek();
    const codec = { seal: async (text: string) => reverse(text), open: async (text: string) => reverse(text) };
    const one = holderOf(store.cell, { codec });
    const two = holderOf(store.cell, { codec });
    record(one.port.signIn('A', tokensOf(1)));
    await passAsync(0);
    const turn = one.turn();
    await passAsync(0);
    expect(kindOf(turn)).toBe('granted');
    expect(two.news).toEqual([{ owner: 'A', tokens: tokensOf(1) }]);
  });

  it('that cannot open the tokens makes the store unreadable: nobody is signed out, and nothing is quoted', () => {
    const store = signedIn();
    const codec = {
      seal: reverse,
      open: (text: string) => {
        throw new RangeError(text);
      },
    };
    const one = holderOf(store.cell, { codec });
    const read = record(one.port.read());
    expect(read.settled?.kind).toBe('error');
    expectNoToken([read.settled], ['access-']);
    expect(one.story).toEqual(['store-failed get tokens: codec.open failed (RangeError)']);
    expect(store.content.owner).toBe('A');
  });

  it('that gives tokens which cannot be opened lets a sign-in replace them', () => {
    const store = signedIn();
    const one = holderOf(store.cell, { codec: { seal: reverse, open: reverse } });
    expect(record(one.port.read()).settled?.kind).toBe('error');
    record(one.port.signIn('B', tokensOf(2)));
    expect(record(one.port.read()).values).toEqual([{ owner: 'B', tokens: tokensOf(2) }]);
  });

  it('that cannot seal leaves the record as it is, and is tried again', () => {
    const store = signedIn();
    let isAway = true;
    const codec = {
      open: (text: string) => text,
      seal: (text: string) => {
        if (isAway) throw new Error(text);
        return text;
      },
    };
    const [one] = readers(store.cell, { codec });
    const written = record(one.port.signIn('B', tokensOf(2)));
    pass(STORE_TIMEOUT_MS);
    expectNoToken([written.settled], ['access-']);
    expect(one.story).toEqual(['store-failed set tokens: codec.seal failed (Error)']);
    expect(store.content.owner).toBe('A');
    isAway = false;
    pass(1_000);
    expect(store.content.owner).toBe('B');
  });
});

describe('news of a shared store', () => {
  it('are listened to only while somebody listens', () => {
    const its = quiet(memoryCell(good));
    const one = holderOf(its.cell, { deaf: true });
    expect(its.listeners).toBe(0);
    const listening = one.port.news$?.subscribe();
    expect(its.listeners).toBe(1);
    listening?.unsubscribe();
    expect(its.listeners).toBe(0);
  });

  it('end when the port is closed', () => {
    const its = quiet(memoryCell(good));
    const one = holderOf(its.cell, { deaf: true });
    const news = record(one.port.news$ ?? NEVER);
    one.port.close();
    expect(news.expectOneOutcome()).toEqual({ kind: 'complete', values: [] });
    expect(its.listeners).toBe(0);
  });

  it('are read once for many that come at the same time, and once more for those that come during the read', async () => {
    const slow = faulty(memoryCell(good));
    const its = quiet(slow.cell);
    holderOf(its.cell);
    slow.delayMs = 50;
    for (let n = 0; n < 100; n += 1) its.tell();
    await passAsync(25);
    for (let n = 0; n < 100; n += 1) its.tell();
    await passAsync(1_000);
    expect(slow.reads).toBe(2);
  });

  it('that error are reported and end: the next refresh looks for itself', () => {
    const store = signedIn();
    const one = holderOf({ ...store.cell, news$: throwError(() => new Error('gone')) });
    expect(one.story).toEqual(['store-failed changes$ Error']);
    record(one.port.read());
    expect(kindOf(one.turn())).toBe('granted');
  });

  it('of a record that has vanished are a sign-out elsewhere', () => {
    let current: StoredSession | null = good;
    const its = quiet({ read: () => current, swap: () => true });
    const [one] = readers(its.cell);
    current = null;
    its.tell();
    its.tell();
    expect(one.news).toEqual([{ owner: null, tokens: null, reason: 'elsewhere' }]);
  });

  it('of a record that is older than the known one are none: the engine has lost a write', () => {
    let current: StoredSession | null = { ...good, version: 9, owner: null, tokens: null };
    const its = quiet({ read: () => current, swap: () => true });
    const [one] = readers(its.cell);
    current = good;
    its.tell();
    expect(one.news).toEqual([]);
  });

  it('of a lease or a beat are none', () => {
    const store = signedIn();
    const [one, two] = readers(store.cell);
    one.granted();
    pass(5_000);
    expect([one.news, two.news]).toEqual([[], []]);
  });
});
