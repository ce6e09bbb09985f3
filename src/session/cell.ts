import type { Observable } from 'rxjs';

/**
 * One place in a storage engine that many holders share: a row, a key, a file. A holder is a session that shares the store with sessions
 * in other tabs, processes or machines. A cell needs no locks, no clock and no knowledge of sessions, but it must be coherent: after a
 * `swap`, the next `read` of every holder returns the new record. `localStorage` is not coherent between tabs.
 *
 * @typeParam R - the record, which has a `version`; `StoredSession` for `sharedStore`
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
   * Returns the newest committed record, or `null` if there is none. Must throw or reject if the engine cannot be reached: an empty cell
   * means that nobody is signed in, so all holders would be signed out.
   */
  read(): R | null | PromiseLike<R | null>;
  /**
   * Replaces the record by `next` if its version is `expected`, as one atomic step, and returns whether it did. Version `0` stands for no
   * record, and for a record that has no `version`. Should throw or reject if it is unknown whether the record was replaced: Sluice then
   * reads the record to find out.
   */
  swap(expected: number, next: R): boolean | PromiseLike<boolean>;
  /**
   * Emits whenever the record may have changed, and after a reconnect; the emitted values are ignored. Each session subscribes until it is
   * disposed of. Without `news$`, a session learns of a sign-out or of newer tokens at another holder only when it reads the record for its
   * own next refresh.
   */
  readonly news$?: Observable<unknown>;
  /**
   * The engine's own mutual exclusion, such as Web Locks: runs `work` while no other holder's `work` runs, and settles as `work` does.
   * Aborting `signal` ends the wait for the lock. If a cell has `lock`, refreshes use it instead of a lease (the right to refresh, written
   * into the record for a limited time). `swap` must compare versions all the same: a sign-in and a sign-out write without the lock.
   */
  lock?<X>(work: () => Promise<X>, options: { readonly signal: AbortSignal }): Promise<X>;
}
