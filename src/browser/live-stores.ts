import { isDevelopment } from '../session/internal.ts';

declare const console: { warn(message: string): void };

interface LiveStore {
  readonly key: string;
  readonly options: string;
}

/** The key of the list of live stores. The list is on the global object, because two copies of the package may be loaded. */
const live = Symbol.for('sluice.live-web-stores');

/**
 * In development, warns if two live sessions of this page use `webStore` with the same key and different options: they share one record,
 * and would disagree on its time limits. Returns a function that must be called when the session ends.
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
