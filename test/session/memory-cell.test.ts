import { memoryCell } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { record } from '../support/recorder.ts';

interface Counter {
  readonly version: number;
  readonly count: number;
}

describe('memoryCell()', () => {
  it('is empty, or contains the record that it is given', () => {
    expect(memoryCell<Counter>().read()).toBeNull();
    expect(memoryCell({ version: 3, count: 1 }).read()).toEqual({ version: 3, count: 1 });
  });

  it('replaces the record if its version is the expected one, or 0 if there is no record', () => {
    const cell = memoryCell<Counter>();
    expect(cell.swap(1, { version: 2, count: 1 })).toBe(false);
    expect(cell.swap(0, { version: 5, count: 1 })).toBe(true);
    expect(cell.swap(0, { version: 6, count: 2 })).toBe(false);
    expect(cell.swap(5, { version: 6, count: 2 })).toBe(true);
    expect(cell.read()).toEqual({ version: 6, count: 2 });
  });

  it('treats a record without a version as version 0', () => {
    const cell = memoryCell<Counter>({ count: 1 } as unknown as Counter);
    expect(cell.swap(0, { version: 1, count: 2 })).toBe(true);
  });

  it('emits `news$` after each replacement, and not after a refused one', () => {
    const cell = memoryCell<Counter>();
    const seen: unknown[] = [];
    cell.news$.subscribe(() => seen.push(cell.read()));
    cell.swap(0, { version: 1, count: 1 });
    cell.swap(0, { version: 1, count: 2 });
    expect(seen).toEqual([{ version: 1, count: 1 }]);
    expect(record(cell.news$).events).toEqual([]);
  });
});
