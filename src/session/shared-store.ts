import type { Cell } from './cell.ts';
import type { SharedStoreSetup } from './cell-access.ts';
import type { Codec } from './codec.ts';
import { assertKnownOptions } from './known-options.ts';
import { InvalidInputError } from './errors.ts';
import { LONGEST_DELAY_MS } from './with-timeout.ts';
import { SharedPort } from './shared-port.ts';
import { openPort, type SharedStore } from './store-port.ts';
import type { StoredSession } from './stored-session.ts';
import type { TokenSet } from './token-set.ts';

export interface SharedStoreOptions {
  /**
   * How long the record must stand still, while another holder refreshes, until that holder counts as dead and is succeeded; a living one
   * renews it three times as often. In milliseconds, above 0. Longer than any pause of a process that is alive: one that was succeeded
   * in the middle of a refresh loses its tokens. Not used where the cell has a `lock`.
   *
   * @defaultValue `15_000`
   */
  readonly leaseMs?: number;
  /** Seals the tokens in the record. @defaultValue none: they are stored as JSON */
  readonly codec?: Codec;
}

/**
 * Makes a store for many holders out of a cell: among all of them one refresh runs at a time, whoever finishes late cannot overwrite what
 * came later, and a sign-out anywhere is one everywhere. While the cell fails, nothing is refreshed and nobody is signed out.
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
 * @throws InvalidInputError for a cell without `read` or `swap`, a `leaseMs` that is no number above 0, a codec without `seal` or `open`
 */
export function sharedStore<T extends TokenSet = TokenSet>(
  cell: Cell<StoredSession>,
  options: SharedStoreOptions = {},
): SharedStore<T> {
  const { leaseMs = 15_000, codec } = options;
  requireFunctions('a cell', cell, ['read', 'swap']);
  if (codec !== undefined) requireFunctions('a codec', codec, ['seal', 'open']);
  if (!(Number.isFinite(leaseMs) && leaseMs > 0))
    throw new InvalidInputError(
      `sharedStore() takes \`leaseMs\` in milliseconds, above 0; it was given ${String(leaseMs)}.`,
    );
  assertKnownOptions('sharedStore()', options, ['leaseMs', 'codec']);
  const setup: SharedStoreSetup = { cell, codec, leaseMs: Math.min(leaseMs, LONGEST_DELAY_MS) };
  return { [openPort]: (context) => new SharedPort(setup, context) };
}

function requireFunctions(what: string, value: unknown, names: readonly string[]): void {
  for (const name of names) {
    const given = typeof (value as Record<string, unknown> | null | undefined)?.[name];
    if (given !== 'function')
      throw new InvalidInputError(`sharedStore() takes ${what} with a function \`${name}\`; it was given ${given}.`);
  }
}
