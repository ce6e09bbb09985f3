import type { Observable } from 'rxjs';

/**
 * One place in a storage engine that many holders share: a row, a key, a file. It needs no locks, no clock and no knowledge of
 * sessions, but it must be coherent: after a `swap`, the next `read` of every holder gives the new record. `localStorage` is not.
 *
 * @example A cell over a `Map`
 * ```ts
 * const cellOf = <R extends { readonly version: number }>(map: Map<string, R>, key: string): Cell<R> => ({
 *   read: () => map.get(key) ?? null,
 *   swap(expected, next) {
 *     if ((map.get(key)?.version ?? 0) !== expected) return false;
 *     map.set(key, next);
 *     return true;
 *   },
 * });
 * ```
 */
export interface Cell<R> {
  /**
   * The newest committed record, `null` if there is none. Throws or rejects if that cannot be told: an engine that cannot be reached
   * must not look empty, because an empty cell means that nobody is signed in.
   */
  read(): R | null | PromiseLike<R | null>;
  /**
   * Replaces the record by `next` if its version is `expected`, as one atomic step, and tells whether it did. Version `0` stands for no
   * record, and for a record without a version. May throw or reject where it cannot tell whether the record was replaced.
   */
  swap(expected: number, next: R): boolean | PromiseLike<boolean>;
  /**
   * Emits whenever the record may have changed, and after a reconnect; what it emits is ignored. Subscribed to only while somebody
   * listens. Without it, waiting holders find a change by polling, and a sign-out elsewhere is found at the next refresh.
   */
  readonly news$?: Observable<unknown>;
  /**
   * The engine's own mutual exclusion, such as Web Locks: runs `work` while no other holder's runs, and settles with it. Aborting
   * `signal` withdraws a wait. Used in place of the lease in the record; `swap` must compare versions all the same.
   */
  lock?<X>(work: () => Promise<X>, options: { readonly signal: AbortSignal }): Promise<X>;
}
