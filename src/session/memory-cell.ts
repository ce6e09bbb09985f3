import { Subject } from 'rxjs';
import type { Cell } from './cell.ts';

/**
 * Creates a synchronous cell for `sharedStore` in this process's memory: for tests, and for several sessions of one process that share a
 * sign-in. Its `news$` emits at each successful `swap`.
 *
 * @param initial - the first record; by default `null`, so that nobody is signed in
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
      // A bare token set, from before there were records, has no version and counts as version 0.
      if (((record as Partial<R> | null)?.version ?? 0) !== expected) return false;
      record = next;
      news$.next();
      return true;
    },
    news$: news$.asObservable(),
  };
}
