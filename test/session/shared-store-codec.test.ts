import { describe, expect, it } from 'vitest';
import { type Codec, StoreFailedError } from '../../src/session/index.ts';
import { useFakeTime } from '../support/fake-time.ts';
import { expectNoToken } from '../support/no-token.ts';
import { record } from '../support/recorder.ts';
import { tokensOf } from './fixture.ts';
import {
  holderOf,
  kindOf,
  LEASE_MS,
  pass,
  passAsync,
  peek,
  readers,
  signedIn,
  STORE_TIMEOUT_MS,
} from './shared-fixture.ts';

useFakeTime();

/** A codec that changes nothing, and cannot open tokens while it is away. */
function codecAway(): { isAway: boolean; readonly codec: Codec } {
  const its = {
    isAway: false,
    codec: {
      seal: (text: string) => text,
      open: (text: string) => {
        if (its.isAway) throw new RangeError();
        return text;
      },
    },
  };
  return its;
}

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

  it('makes the store unreadable when it cannot open the tokens: nobody is signed out, and nothing is quoted', () => {
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
    expect(one.story).toEqual(['store-failed get codec.open failed (RangeError)']);
    expect(store.content.owner).toBe('A');
  });

  it.each([null, undefined, '', 17, Buffer.from('x')])(
    'that opens tokens as %o makes the store unreadable, as one that throws does: nobody is signed out',
    (opened: unknown) => {
      const one = holderOf(signedIn().cell, { codec: { seal: reverse, open: () => opened as string } });
      expect(record(one.port.read()).settled?.kind).toBe('error');
      expect(one.story).toEqual([expect.stringMatching(/^store-failed get codec\.open returned [a-z ]+$/u)]);
    },
  );

  it.each([null, undefined, '', 17, Buffer.from('x')])(
    'that seals tokens as %o replaces no record, which no holder could read',
    (sealed: unknown) => {
      const store = signedIn();
      const codec = { seal: () => sealed as string, open: (text: string) => text };
      const [one] = readers(store.cell, { codec });
      const { now } = store;
      const written = record(one.port.signIn('B', tokensOf(2)));
      pass(STORE_TIMEOUT_MS);
      expect(written.settled?.kind).toBe('error');
      expect(one.story).toEqual([expect.stringMatching(/^store-failed set codec\.seal returned [a-z ]+$/u)]);
      expect(store.now).toEqual(now);
      one.port.close();
    },
  );

  it('lets a sign-in replace tokens that it has sealed but cannot open', () => {
    const store = signedIn();
    const one = holderOf(store.cell, { codec: { seal: reverse, open: reverse } });
    expect(record(one.port.read()).settled?.kind).toBe('error');
    record(one.port.signIn('B', tokensOf(2)));
    expect(record(one.port.read()).values).toEqual([{ owner: 'B', tokens: tokensOf(2) }]);
  });

  it('is tried again when it could not open tokens that another holder has announced', () => {
    const store = signedIn();
    const keyService = codecAway();
    const [one] = readers(store.cell, keyService);
    keyService.isAway = true;
    record(holderOf(store.cell).port.signIn('B', tokensOf(7)));
    expect(one.news).toEqual([]);
    keyService.isAway = false;
    pass(LEASE_MS / 3);
    expect(one.news).toEqual([{ owner: 'B', tokens: tokensOf(7) }]);
  });

  it('leaves the record as it is when it cannot seal, and is tried again', () => {
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
    // The error of `signIn` has this error as its cause, which must be readable after its tokens are concealed.
    const { error } = written.settled as { readonly error: unknown };
    expect(new StoreFailedError(error).cause).toMatchObject({ message: 'codec.seal failed (Error)' });
    expect(one.story).toEqual(['store-failed set codec.seal failed (Error)']);
    expect(store.content.owner).toBe('A');
    isAway = false;
    pass(1_000);
    expect(store.content.owner).toBe('B');
  });
});

describe('a report of a codec that fails', () => {
  it('is made once when the tokens cannot be opened, and again after they could be', () => {
    const keyService = codecAway();
    keyService.isAway = true;
    const one = holderOf(signedIn().cell, keyService);
    const report = 'store-failed get codec.open failed (RangeError)';
    record(one.port.read());
    record(one.port.read());
    expect(one.story).toEqual([report]);
    keyService.isAway = false;
    record(one.port.read());
    keyService.isAway = true;
    record(one.port.read());
    expect(one.story).toEqual([report, report]);
  });

  it('is made again when the tokens cannot be opened for another reason', () => {
    let Failure: new () => Error = RangeError;
    const codec = {
      seal: (text: string) => text,
      open: () => {
        throw new Failure();
      },
    };
    const one = holderOf(signedIn().cell, { codec });
    record(one.port.read());
    Failure = TypeError;
    record(one.port.read());
    const reports = ['RangeError', 'TypeError'].map((name) => `store-failed get codec.open failed (${name})`);
    expect(one.story).toEqual(reports);
  });

  it('is made again after a sign-out, which writes without the codec', () => {
    const store = signedIn();
    const codec = {
      open: (text: string) => text,
      seal: () => {
        throw new RangeError();
      },
    };
    const one = holderOf(store.cell, { codec });
    const report = 'store-failed set codec.seal failed (RangeError)';
    record(one.port.read());
    const { lease, turn } = one.granted();
    record(lease.commit('A', tokensOf(2)));
    pass(STORE_TIMEOUT_MS);
    expect(one.story).toEqual([report]);
    turn.unsubscribe();
    one.port.takeUnsaved();
    record(one.port.signOut('A'));
    pass(STORE_TIMEOUT_MS);
    expect(store.content.owner).toBeNull();
    record(one.port.signIn('B', tokensOf(2)));
    pass(2 * STORE_TIMEOUT_MS);
    expect(one.story).toEqual([report, report]);
  });
});
