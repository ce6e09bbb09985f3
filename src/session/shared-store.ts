import { assertOption } from './assert-option.ts';
import type { Cell } from './cell.ts';
import type { SharedStoreSetup } from './cell-access.ts';
import type { Codec } from './codec.ts';
import { assertKnownOptions, ownOptions } from './known-options.ts';
import { InvalidInputError } from './invalid-input-error.ts';
import { LONGEST_DELAY_MS } from './with-timeout.ts';
import { SharedPort } from './shared-port.ts';
import { openPort, type SharedStore } from './store-port.ts';
import type { StoredSession } from './stored-session.ts';
import { kindOf, type TokenSet } from './token-set.ts';

/** The options of `sharedStore`. */
export interface SharedStoreOptions {
  /**
   * While a holder (a session that shares the store) refreshes, it renews the record every third of this time. If the record stays
   * unchanged for this time, the holder counts as dead, and another one refreshes. In milliseconds, above 0. It must be longer than any
   * pause of a living process: otherwise a second holder refreshes while the first still does, and the refresh token may be presented
   * twice. If the cell (the place in storage, the first parameter of `sharedStore`) has a `lock`, that keeps the others out, and this time
   * only limits waits.
   *
   * @defaultValue `15_000`
   */
  readonly leaseMs?: number;
  /** Seals the tokens in the record, for instance by encryption. @defaultValue `undefined`: the tokens are stored as JSON */
  readonly codec?: Codec;
}

/**
 * Creates a store that many holders share: sessions in several tabs, processes or machines. It keeps its record in a cell, which is one
 * place in a storage engine. At most one refresh runs among all holders, a late write never overwrites a newer one, and a sign-out at one
 * holder signs out all. While the cell fails, requests that need a refresh fail with `RefreshFailedError`, reason `unavailable`, and
 * nobody is signed out.
 *
 * @example
 * ```ts
 * const store = sharedStore<MyTokens>({
 *   read: () => database.session(key),
 *   swap: (expected, next) => database.replaceSession(key, expected, next),
 * });
 * const session = createSession({ refresh, store });
 * ```
 *
 * @throws InvalidInputError for a cell without `read` or `swap`, a `lock` that is no function, a codec without `seal` or `open`, a
 * `leaseMs` that is not a finite number above 0, or (in development) an option that does not exist
 */
export function sharedStore<T extends TokenSet = TokenSet>(
  cell: Cell<StoredSession>,
  options: SharedStoreOptions = {},
): SharedStore<T> {
  assertKnownOptions('sharedStore()', options, ['leaseMs', 'codec']);
  const { leaseMs = 15_000, codec } = ownOptions(options);
  requireFunctions('a cell', cell, ['read', 'swap']);
  assertOption('sharedStore()', '`lock` of a cell', cell.lock);
  if (codec !== undefined) requireFunctions('a codec', codec, ['seal', 'open']);
  if (!(Number.isFinite(leaseMs) && leaseMs > 0))
    throw new InvalidInputError(`sharedStore() takes \`leaseMs\` in milliseconds, above 0; given: ${String(leaseMs)}.`);
  const setup: SharedStoreSetup = { cell, codec, leaseMs: Math.min(leaseMs, LONGEST_DELAY_MS) };
  return { [openPort]: (context) => new SharedPort(setup, context) };
}

function requireFunctions(what: string, value: unknown, names: readonly string[]): void {
  for (const name of names) {
    const given = (value as Record<string, unknown> | null | undefined)?.[name];
    if (typeof given !== 'function')
      throw new InvalidInputError(
        `sharedStore() takes ${what} with a function \`${name}\`; given: ${kindOf(value)} whose ${name} is ${kindOf(given)}.`,
      );
  }
}
