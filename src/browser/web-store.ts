import type { TokenSet, TokenStore } from '../session/index.ts';

/** Options of `webStore()`. */
export interface WebStoreOptions {
  /** The name of the entry in the storage. Two sessions of one origin need two names. @defaultValue `'sluice'` */
  readonly key?: string;
  /** Returns the storage, at each use: reading `localStorage` throws where it is blocked. @defaultValue `() => localStorage` */
  readonly storage?: () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
}

/**
 * Makes a store that keeps tokens in `localStorage`, as JSON, so that a reload does not sign out. Any script on the page can read them.
 *
 * If the storage is full, blocked or holds no token set, the session reports it in `events$` and goes on in memory.
 *
 * @example
 * ```ts
 * const session = createSession({ refresh, store: webStore({ key: 'shop' }) });
 * ```
 */
export function webStore<T extends TokenSet = TokenSet>(options: WebStoreOptions = {}): TokenStore<T> {
  const { key = 'sluice', storage = () => localStorage } = options;
  /** Reads the entry. Blocked storage counts as empty: nothing was ever stored in it, and requests without a token can go on. */
  const entry = (): string | null => {
    try {
      return storage().getItem(key);
    } catch {
      return null;
    }
  };
  return {
    get: () => {
      const text = entry();
      try {
        return JSON.parse(text ?? 'null') as T | null;
      } catch {
        // The text is no JSON. The session reports that it is no token set.
        return text as unknown as T;
      }
    },
    set: (tokens) => {
      if (tokens === null) storage().removeItem(key);
      else storage().setItem(key, JSON.stringify(tokens));
    },
  };
}
