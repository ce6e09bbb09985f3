import type { Cell, StoredSession } from 'sluice/session';
import { httpCell } from './http-cell.ts';

/** What this process has read or written, like a page's storage that is cached in its process. */
let cached: { readonly record: StoredSession | null; readonly at: number } | null = null;

/** A cell that is coherent within a process, where all holders share the cache, but not between processes. */
export function cachingCell(url: string): Cell<StoredSession> {
  const inner = httpCell(url);
  return {
    read: async () => {
      if (!cached || Date.now() - cached.at > 5) cached = { record: await inner.read(), at: Date.now() };
      return cached.record;
    },
    swap: async (expected, next) => {
      if ((cached?.record?.version ?? 0) !== expected) return false;
      cached = { record: next, at: Date.now() };
      return inner.swap((await inner.read())?.version ?? 0, next);
    },
  };
}
