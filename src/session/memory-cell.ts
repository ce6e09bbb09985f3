import { Subject } from 'rxjs';
import type { Cell } from './cell.ts';

/**
 * A synchronous cell in this process's memory, with news: for tests, and for several sessions of one process that share a sign-in.
 *
 * @example
 * ```ts
 * const store = sharedStore(memoryCell());
 * const one = createSession({ refresh, store });
 * const other = createSession({ refresh, store }); // signed in and out together with the first
 * ```
 */
export function memoryCell<R extends { readonly version: number }>(
  initial: R | null = null,
): Required<Omit<Cell<R>, 'lock'>> {
  let record = initial;
  const news$ = new Subject<void>();
  return {
    read: () => record,
    swap(expected, next) {
      // A record of before versions has none.
      if (((record as Partial<R> | null)?.version ?? 0) !== expected) return false;
      record = next;
      news$.next();
      return true;
    },
    news$: news$.asObservable(),
  };
}
