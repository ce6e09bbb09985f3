import { isDevelopment } from '../session/internal.ts';

declare const console: { warn(message: string): void };

interface LiveStore {
  readonly key: string;
  readonly options: string;
}

/** On the global object, because two copies of the package may be loaded. */
const live = Symbol.for('sluice.live-web-stores');

/**
 * In development, names two live sessions of this page that have one key and different options: they share one record, and each would
 * keep to times of its own. Gives the function that ends this.
 */
export function watchForOtherOptions(key: string, given: object): () => void {
  const store = { key, options: JSON.stringify(given) };
  const stores = (Reflect.get(globalThis, live) ?? new Set()) as Set<LiveStore>;
  Reflect.set(globalThis, live, stores);
  if (isDevelopment())
    for (const other of stores)
      if (other.key === key && other.options !== store.options)
        console.warn(
          `sluice: webStore '${key}' has sessions with different options: ${other.options}, ${store.options}`,
        );
  stores.add(store);
  return () => stores.delete(store);
}
