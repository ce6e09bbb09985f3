import type { Cell, StoredSession } from 'sluice/session';
import { NEVER, timer, lastValueFrom, map } from 'rxjs';

type SessionCell = Cell<StoredSession>;
/** The record that all accesses lead to, and a function that makes an access for each holder. */
type Engine = (shared: Required<Omit<SessionCell, 'lock'>>) => () => SessionCell;

const later = <R>(ms: number, work: () => R): Promise<R> => lastValueFrom(timer(ms).pipe(map(work)));
const current = (cell: SessionCell): StoredSession | null => cell.read() as StoredSession | null;

/** Cells with one fault each, as engines and recipes have them. */
export const brokenCells: Readonly<Record<string, Engine>> = {
  'reads from a cache of its own, as localStorage does between processes': (shared) => () => {
    let cached: { readonly record: StoredSession | null; readonly at: number } | null = null;
    return {
      ...shared,
      read: () => {
        if (!cached || Date.now() - cached.at >= 20) cached = { record: current(shared), at: Date.now() };
        return cached.record;
      },
      swap: (expected, next) => {
        if ((cached?.record?.version ?? 0) !== expected) return false;
        cached = { record: next, at: Date.now() };
        return shared.swap(current(shared)?.version ?? 0, next);
      },
    };
  },
  'ignores the version that a swap expects': (shared) => () => ({
    ...shared,
    swap: (_expected, next) => shared.swap(current(shared)?.version ?? 0, next),
  }),
  'compares and writes in two steps': (shared) => () => ({
    ...shared,
    swap: async (expected, next) => {
      const found = await later(1, () => current(shared)?.version ?? 0);
      if (found !== expected) return false;
      return later(1, () => shared.swap(current(shared)?.version ?? 0, next));
    },
  }),
  'takes version 0 for any version': (shared) => () => ({
    ...shared,
    swap: (expected, next) => shared.swap(expected === 0 ? (current(shared)?.version ?? 0) : expected, next),
  }),
  'reads as empty when it fails': (shared) => () => ({
    ...shared,
    read: () => {
      try {
        return shared.read();
      } catch {
        return null;
      }
    },
  }),
  'deletes the record at sign-out, so that versions come back': (shared) => () => ({
    ...shared,
    read: () => {
      const record = current(shared);
      return record?.tokens === null ? null : record;
    },
    swap: (expected, next) => {
      const record = current(shared);
      const version = record?.tokens === null ? 0 : (record?.version ?? 0);
      return expected === version && shared.swap(record?.version ?? 0, next);
    },
  }),
  'has news that never come': (shared) => () => ({ ...shared, news$: NEVER }),
  'says that it has written what it has not': (shared) => () => {
    let swaps = 0;
    return {
      ...shared,
      swap: (expected, next) => {
        swaps += 1;
        return swaps % 3 === 0 || shared.swap(expected, next);
      },
    };
  },
  'says that it has not written what it has': (shared) => () => ({
    ...shared,
    swap: (expected, next) => {
      void shared.swap(expected, next);
      return false;
    },
  }),
  'keeps only the fields that it knows': (shared) => () => ({
    ...shared,
    swap: (expected, { lease, failed, refreshed, ...known }) => shared.swap(expected, known),
  }),
  'has a lock that lets two in': (shared) => () => ({ ...shared, lock: (work) => work() }),
  'has a lock whose waits cannot be withdrawn': (shared) => {
    let tail: Promise<unknown> = Promise.resolve();
    return () => ({
      ...shared,
      lock: (work) => {
        const run = tail.then(work);
        tail = run.catch(() => undefined);
        return run;
      },
    });
  },
  'polls for news with a timer for each holder': (shared) => () => {
    setInterval(() => undefined, 1_000);
    return shared;
  },
};
