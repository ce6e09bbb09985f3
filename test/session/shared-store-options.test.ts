import {
  InvalidInputError,
  memoryCell,
  sharedStore,
  type SharedStoreOptions,
  type StoredSession,
} from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { openPort } from '../../src/session/store-port.ts';

const cell = memoryCell<StoredSession>();

describe('sharedStore()', () => {
  it.each<[string, unknown, SharedStoreOptions | undefined, RegExp]>([
    ['no cell', undefined, undefined, /a cell with a function `read`; given: undefined whose read is undefined/],
    ['null for a cell', null, undefined, /`read`; given: null/],
    [
      'a cell without swap',
      { read: () => null },
      undefined,
      /a cell with a function `swap`; given: an object whose swap is undefined/,
    ],
    [
      'a cell whose swap is true',
      { read: () => null, swap: true },
      undefined,
      /`swap`; given: an object whose swap is a boolean/,
    ],
    ['a lease of 0 ms', cell, { leaseMs: 0 }, /`leaseMs` in milliseconds, above 0; given: 0/],
    ['a negative lease', cell, { leaseMs: -1 }, /given: -1/],
    ['an endless lease', cell, { leaseMs: Infinity }, /given: Infinity/],
    ['a lease that is no number', cell, { leaseMs: NaN }, /given: NaN/],
    ['a lease as text', cell, { leaseMs: '5000' as never }, /given: 5000/],
    [
      'a codec without open',
      cell,
      { codec: { seal: (text: string) => text } as never },
      /a codec with a function `open`/,
    ],
    ['null for a codec', cell, { codec: null as never }, /a codec with a function `seal`; given: null/],
    ['a misspelt option', cell, { leaseMS: 5 } as never, /knows no leaseMS. It takes: leaseMs, codec/],
  ])('throws for %s, and says what it expects', (_name, given, options, message) => {
    expect(() => sharedStore(given as never, options)).toThrow(InvalidInputError);
    expect(() => sharedStore(given as never, options)).toThrow(message);
  });

  it('does not access the cell, before a session opens it or then', () => {
    const untouched = new Proxy(cell, {
      get: (_target, name) => {
        if (name === 'lock') return undefined;
        if (name === 'read' || name === 'swap') return () => Promise.reject(new Error('accessed'));
        throw new Error(`accessed ${String(name)}`);
      },
    });
    const store = sharedStore(untouched);
    store[openPort]({ storeTimeoutMs: 1, refreshTimeoutMs: 1, minRefreshIntervalMs: 1, emit: () => {} });
  });

  it('accepts a lease that is longer than a timer can hold', () => {
    expect(() => sharedStore(cell, { leaseMs: 2 ** 40 })).not.toThrow();
  });
});
