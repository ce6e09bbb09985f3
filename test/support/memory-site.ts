import { memoryCell, type Cell, type StoredSession } from 'sluice/session';
import { Subject } from 'rxjs';
import { vi } from 'vitest';
import type { CellSite } from '../../src/testing/site-law.ts';

type SessionCell = Cell<StoredSession>;
export type MemoryEngine = Required<Omit<SessionCell, 'lock'>>;

/** A memory cell in virtual time, which can be away; `make` makes the holders' ways to it. Fake timers must be in use. */
export function memorySite(make: (shared: MemoryEngine) => () => SessionCell = (shared) => () => shared): CellSite {
  const cell = memoryCell<StoredSession>();
  const news$ = new Subject<unknown>();
  let isAway = false;
  let isClosed = false;
  cell.news$.subscribe(news$);
  const refuse = (): void => {
    if (isAway) throw new Error('away');
  };
  const open = make({
    read: () => {
      refuse();
      return cell.read();
    },
    swap: (expected, next) => {
      refuse();
      return cell.swap(expected, next);
    },
    news$,
  });
  return {
    open,
    leaseMs: 400,
    // What a broken law has left running must not make time pass for the next one.
    pass: (ms) => (isClosed ? new Promise(() => {}) : vi.advanceTimersByTimeAsync(ms)),
    timers: () => vi.getTimerCount(),
    outage: {
      begin: () => {
        isAway = true;
      },
      end: () => {
        isAway = false;
        news$.next(null);
      },
    },
    close: () => {
      isClosed = true;
      vi.clearAllTimers();
    },
  };
}
