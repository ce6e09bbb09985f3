import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { memoryCell, type Cell, type StoredSession } from 'sluice/session';
import { cellLaws } from 'sluice/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mutexOf } from '../support/mutex.ts';

type SessionCell = Cell<StoredSession>;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** A function that opens cells in memory, one for each key. */
function cellsByKey(make: (cell: SessionCell) => SessionCell = (cell) => cell): (key: string) => SessionCell {
  const cells = new Map<string, SessionCell>();
  return (key) => {
    const cell = cells.get(key) ?? make(memoryCell<StoredSession>());
    cells.set(key, cell);
    return cell;
  };
}

/** The titles of the laws that are broken, and what their errors say. */
async function broken(laws: ReturnType<typeof cellLaws>): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { title, check } of laws) await check().catch((error: unknown) => (found[title] = String(error)));
  return found;
}

describe('a cell in memory keeps each of the laws that cellLaws() returns', () => {
  for (const { title, check } of cellLaws(cellsByKey(), { pass })) it(title, check);
});

describe('a cell with `lock` and without `news$` keeps each of the laws that cellLaws() returns', () => {
  const open = cellsByKey(({ read, swap }) => ({ read, swap, lock: mutexOf() }));
  for (const { title, check } of cellLaws(open, { pass, news: false, lock: true })) it(title, check);
});

describe('cellLaws()', () => {
  it('returns functions `check` without a parameter, because Jest would wait for a callback', () => {
    for (const { check } of cellLaws(cellsByKey())) expect(check).toHaveLength(0);
  });

  it('finds a cell that ignores the version which a swap expects', async () => {
    const open = cellsByKey((cell) => ({
      ...cell,
      swap: (_expected, next) => cell.swap((cell.read() as StoredSession | null)?.version ?? 0, next),
    }));
    expect(await broken(cellLaws(open, { pass }))).toMatchObject({
      'a swap that expects another version changes nothing': 'BrokenLaw: an empty cell was taken for version 1',
      'of twenty swaps at the same time one wins, and says so': expect.stringContaining('found 20, wanted 1'),
    });
  });

  it('reports members of the cell that the options do not name, instead of leaving their laws out', async () => {
    const title = 'the cell has the members that the laws are told of';
    expect(await broken(cellLaws(cellsByKey(), { pass, news: false }))).toEqual({
      [title]: 'BrokenLaw: whether there are `news$` and `lock`: found [true,false], wanted [false,false]',
    });
    const silent = cellsByKey(({ read, swap }) => ({ read, swap }));
    expect(await broken(cellLaws(silent, { pass }))).toHaveProperty([title]);
  });

  it('checks outages and timers only if the options allow to cause outages and to count timers', () => {
    const titles = (laws: ReturnType<typeof cellLaws>): string[] => laws.map(({ title }) => title);
    const all = titles(
      cellLaws(cellsByKey(), { outage: { begin: () => {}, end: () => {} }, timers: () => vi.getTimerCount() }),
    );
    const few = titles(cellLaws(cellsByKey()));
    expect(all.filter((title) => !few.includes(title))).toEqual([
      'an engine that cannot be reached throws, and never reads as empty',
      'news come again after an outage',
      'nobody is signed out by an outage, and afterwards one refresh runs',
      'a holder that does nothing has no timer',
    ]);
  });

  it('closes each record that it has opened, even if the law is broken', async () => {
    const opened = new Set<string>();
    const closed: string[] = [];
    const open = (key: string): SessionCell => {
      opened.add(key);
      return { read: () => null, swap: () => true };
    };
    await broken(cellLaws(open, { pass, news: false, close: (key) => closed.push(key) }));
    expect(closed).toEqual([...opened]);
    for (const key of closed) expect(key).toMatch(/^[a-z0-9-]+$/);
  });

  it.each([0, -1, NaN, Infinity])('refuses a lease of %s', (leaseMs) => {
    expect(() => cellLaws(cellsByKey(), { leaseMs })).toThrow(/`leaseMs` in milliseconds, above 0/);
  });

  it.each([
    [{ news: 'yes' }, 'news takes true or false; given: a string'],
    [{ lock: 1 }, 'lock takes true or false; given: 1'],
    [{ pass: 5 }, 'pass takes a function; given: 5'],
    [{ timers: 5 }, 'timers takes a function; given: 5'],
    [{ close: true }, 'close takes a function; given: true'],
    [{ outage: { begin: () => undefined } }, 'outage takes { begin, end }; given: an object'],
    [{ outage: null }, 'outage takes { begin, end }; given: null'],
  ])('refuses the options %j', (options, message) => {
    expect(() => cellLaws(cellsByKey(), options as object)).toThrow(`cellLaws(): ${message}.`);
  });

  it('refuses a cell in place of a function that opens one', () => {
    const cell = memoryCell<StoredSession>() as unknown as () => SessionCell;
    expect(() => cellLaws(cell)).toThrow('cellLaws() takes a function that opens a cell; given: an object.');
  });

  it('returns laws that run as tests of node:test', { timeout: 60_000 }, async () => {
    vi.useRealTimers();
    const file = new URL('./with-node-test.ts', import.meta.url).pathname;
    const args = ['--conditions=sluice-source', '--test', '--test-reporter=tap', file];
    // Remove the variables of this test runner: node:test would take itself for a part of it and print no results.
    const { NODE_TEST_CONTEXT, VITEST, ...env } = process.env;
    const failed = await promisify(execFile)(process.execPath, args, { env }).then(
      () => ({ stdout: '' }),
      (error: unknown) => error as { readonly stdout: string },
    );
    expect(failed.stdout).toMatch(/^\s*ok \d+ - good: of twenty swaps at the same time one wins, and says so$/m);
    expect(failed.stdout).toMatch(/^\s*not ok \d+ - bad: of twenty swaps at the same time one wins, and says so$/m);
    expect(failed.stdout).not.toMatch(/^\s*not ok \d+ - good/m);
  });
});
