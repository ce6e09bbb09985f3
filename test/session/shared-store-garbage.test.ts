import { memoryCell, type StoredSession } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { useFakeTime } from '../support/fake-time.ts';
import { expectNoToken } from '../support/no-token.ts';
import { record } from '../support/recorder.ts';
import { tokensOf } from './fixture.ts';
import { holderOf, kindOf, pass, quiet, readers, signedIn } from './shared-fixture.ts';
import { cellWith, good } from './good-record.ts';

useFakeTime();

describe('a broken record', () => {
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
    'is reported with the name of its fault, and never overwritten at the start: %s',
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

  it('is not one whose tokens have an invalid expiry: they are used without it, and that is reported', () => {
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

  it('does not end a current session, and is reported once while it lasts', () => {
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
  it('is not overwritten by anything, and reported once', () => {
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

describe('a bare token set, as stored before there were owners,', () => {
  it('has one owner for all holders, so that an update of the app signs nobody out', () => {
    const cell = memoryCell(tokensOf(1) as unknown as StoredSession);
    const [one, two] = [holderOf(cell), holderOf(cell)];
    const [first] = record(one.port.read()).values;
    expect(first).toMatchObject({ owner: expect.any(String), tokens: tokensOf(1) });
    expect(record(two.port.read()).values).toEqual([first]);
  });

  it('is replaced by the first refresh, which the other holders adopt', () => {
    const cell = memoryCell(tokensOf(1) as unknown as StoredSession);
    const [one, two] = readers(cell);
    record(one.granted().lease.commit('unnamed', tokensOf(2)));
    expect(cell.read()).toMatchObject({ schema: 1, version: expect.any(Number), refreshed: true });
    expect(two.news).toMatchObject([{ tokens: tokensOf(2), refreshedAt: expect.any(Number) }]);
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
