import { type Cell, type Codec, memoryCell, type StoredSession } from '../session/index.ts';
import { DatabaseCell } from './database-cell.ts';
import type { FormerTokens } from './former-tokens.ts';

type SessionCell = Cell<StoredSession>;

export interface WebCell extends SessionCell {
  /** Whether the page was suspended and has not read the record since. Requests then wait for a read: another tab may have signed out. */
  isBehind(this: void): boolean;
}

export interface WebCellSetup {
  readonly key: string;
  readonly former: FormerTokens;
  readonly codec: Codec | undefined;
  /** Called at most once with `get`, if IndexedDB is missing or blocked, and at most once with `lock`, if Web Locks are. */
  report(this: void, operation: 'get' | 'lock', message: string): void;
}

/**
 * Returns a cell (the storage of a shared store) for one session: a record in IndexedDB, with Web Locks for exclusion. Without IndexedDB
 * the record is in memory, for this session alone: on a server that renders pages, a record that sessions share could show one person's
 * tokens to another.
 */
export function webCell({ key, former, codec, report }: WebCellSetup): WebCell {
  const inMemory = (why: string): SessionCell => {
    report('get', `IndexedDB is ${why}: the session is this page's alone`);
    return memoryCell();
  };
  if (typeof indexedDB === 'undefined') return { ...inMemory('missing'), isBehind: () => false };
  const stored = new DatabaseCell(key, former, codec);
  let isProven = false;
  let memory: SessionCell | undefined;

  const access = async <R>(work: (its: SessionCell) => R | PromiseLike<R>): Promise<R> => {
    if (memory) return work(memory);
    try {
      const result = await work(stored);
      prove();
      return result;
    } catch (error) {
      if (isProven || !isBlocked(error)) throw error;
      delete cell.lock;
      return work((memory ??= inMemory(`blocked (${nameOf(error)})`)));
    }
  };

  const cell: WebCell = {
    read: () => access((its) => its.read()),
    swap: (expected, next) => access((its) => its.swap(expected, next)),
    news$: stored.news$,
    isBehind: () => !memory && stored.isBehind,
  };
  const { locks } = navigator as Partial<Navigator>;
  if (locks) cell.lock = async (work, { signal }) => locks.request(`sluice:${key}`, { signal }, work);
  const withoutLocks = (error?: unknown): void => {
    delete cell.lock;
    report('lock', `Web Locks are ${error ? `blocked (${nameOf(error)})` : 'missing'}`);
  };
  const prove = (): void => {
    if (isProven) return;
    isProven = true;
    if (locks) locks.query().catch(withoutLocks);
    else withoutLocks();
  };
  return cell;
}

/** Whether this failure of the first access means that IndexedDB is blocked on this page for good. */
function isBlocked(error: unknown): boolean {
  try {
    // If all storage is blocked, Chromium reports `UnknownError` for IndexedDB, which may also be a temporary fault. Reading
    // `localStorage` throws only if storage is blocked.
    Reflect.get(globalThis, 'localStorage');
  } catch {
    return true;
  }
  return ['SecurityError', 'InvalidStateError'].includes(nameOf(error));
}

function nameOf(error: unknown): string {
  return (error as Partial<Error> | null | undefined)?.name ?? 'none';
}
