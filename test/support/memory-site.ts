import { memoryCell, type Cell, type StoredSession } from 'sluice/session';
import { Subject } from 'rxjs';
import { vi } from 'vitest';
import type { CellSite } from '../../src/testing/site-law.ts';

type SessionCell = Cell<StoredSession>;
export type MemoryEngine = Required<Omit<SessionCell, 'lock'>>;

/** A memory cell in virtual time that can be unreachable; `make` makes the holders' accesses. Needs fake timers. */
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
    // Timers that a broken law has left must not run during the next law.
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
