import { type Cell, type Codec, memoryCell, type StoredSession } from '../session/index.ts';
import { DatabaseCell } from './database-cell.ts';
import type { FormerTokens } from './former-tokens.ts';

type SessionCell = Cell<StoredSession>;

export interface WebCellSetup {
  readonly key: string;
  readonly former: FormerTokens;
  readonly codec: Codec | undefined;
  /** Is told once of each thing that this page lacks. */
  report(this: void, operation: 'get' | 'lock', message: string): void;
}

/**
 * A cell of one holder: a record in IndexedDB, with Web Locks for exclusion. Where there is no IndexedDB, the record is in memory and
 * this holder's alone: if several could reach it, it could become another person's on a server that renders pages.
 */
export function webCell({ key, former, codec, report }: WebCellSetup): SessionCell {
  const inMemory = (why: string): SessionCell => {
    report('get', `IndexedDB is ${why}: the session is this page's alone`);
    return memoryCell();
  };
  if (typeof indexedDB === 'undefined') return inMemory('missing');
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

  const cell: SessionCell = {
    read: () => access((its) => its.read()),
    swap: (expected, next) => access((its) => its.swap(expected, next)),
    news$: stored.news$,
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

/** Whether IndexedDB is blocked for good on this page, as far as the failure of the first access tells. */
function isBlocked(error: unknown): boolean {
  try {
    // Where all storage is blocked, Chromium gives `UnknownError` for IndexedDB, which may also be a fault of the moment.
    Reflect.get(globalThis, 'localStorage');
  } catch {
    return true;
  }
  return ['SecurityError', 'InvalidStateError'].includes(nameOf(error));
}

function nameOf(error: unknown): string {
  return (error as Partial<Error> | null | undefined)?.name ?? 'none';
}
