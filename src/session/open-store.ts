import { openPort, type PortContext, type StorePort } from './store-port.ts';
import type { SafeCallbacks } from './safe-callbacks.ts';
import type { ResolvedOptions } from './session-options.ts';
import { SingleHolder } from './single-holder.ts';
import type { TokenSet } from './token-set.ts';

/**
 * Creates the `StorePort` by which a session uses its store. A shared store creates its own; a store of one holder gets a `SingleHolder`.
 */
export function openStore<T extends TokenSet>(
  { store }: ResolvedOptions<T>,
  context: PortContext,
  callbacks: SafeCallbacks<T>,
): StorePort<T> {
  return openPort in store ? store[openPort](context) : new SingleHolder(store, context, callbacks);
}
