import { memoryStore } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { fromSyncOrPromise, isPromiseLike } from '../../src/session/token-store.ts';
import { record } from '../support/recorder.ts';
import { tokensOf } from './fixture.ts';

describe('memoryStore', () => {
  it('is empty at first', () => {
    expect(memoryStore().get()).toBeNull();
  });

  it('starts with the given tokens, and returns what was written last', () => {
    const store = memoryStore(tokensOf(1));
    expect(store.get()).toMatchObject(tokensOf(1));
    void store.set(tokensOf(2));
    expect(store.get()).toMatchObject(tokensOf(2));
    void store.set(null);
    expect(store.get()).toBeNull();
  });

  it('shares nothing with another one', () => {
    const [one, two] = [memoryStore(), memoryStore()];
    void one.set(tokensOf(1));
    expect(two.get()).toBeNull();
  });
});

describe('fromSyncOrPromise', () => {
  it('is synchronous for a plain value', () => {
    expect(record(fromSyncOrPromise(null)).expectOneOutcome()).toEqual({ kind: 'complete', values: [null] });
  });

  it('waits for a promise and for any thenable', async () => {
    await expect(record(fromSyncOrPromise(Promise.resolve(1))).outcome).resolves.toEqual({
      kind: 'complete',
      values: [1],
    });
    const thenable: PromiseLike<number> = { then: (...handlers) => Promise.resolve(2).then(...handlers) };
    await expect(record(fromSyncOrPromise(thenable)).outcome).resolves.toEqual({ kind: 'complete', values: [2] });
  });
});

describe('isPromiseLike', () => {
  it.each([[undefined], [null], [0], [''], [{}], [{ then: 1 }], [() => {}]])('is false for %s', (value) => {
    expect(isPromiseLike(value)).toBe(false);
  });
});
