import type { TokenSet, TokenStore } from '../session/index.ts';
import { assertKnownOptions, assertOption } from '../session/internal.ts';

export interface LocalStorageStoreOptions {
  /** Name of the entry. One per session that the origin keeps. @defaultValue `'sluice'` */
  readonly key?: string;
  /** Looked up when it is used, so that blocked storage is a report and no crash. @defaultValue `() => localStorage` */
  readonly storage?: () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
}

/**
 * Keeps tokens in `localStorage`, as JSON, so that a reload does not sign out. Any script on the page can read them there. It is a
 * store of one holder, and synchronous: a session is ready at once. `localStorage` is not coherent between tabs, so that two tabs may
 * present the same refresh token; `webStore` is for several tabs. A duplicated tab has a copy of its original's `sessionStorage`.
 *
 * Storage that is full, blocked or holds garbage is reported in `events$`, and the session goes on in memory. Storage that is blocked
 * holds nobody's tokens.
 *
 * @throws InvalidInputError for an option of the wrong kind, or (in development) for an unknown option
 */
export function localStorageStore<T extends TokenSet = TokenSet>(
  options: LocalStorageStoreOptions = {},
): TokenStore<T> {
  const { key = 'sluice', storage = () => localStorage } = options;
  assertKnownOptions('localStorageStore()', options, ['key', 'storage']);
  assertOption('localStorageStore()', 'key', key, typeof key === 'string' && key !== '', 'a string that is not empty');
  assertOption('localStorageStore()', 'storage', storage);
  /** Where storage is blocked for good, nothing was ever stored, and requests of nobody go on. */
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
        // No JSON: the session reports it as what it is, no token set.
        return text as unknown as T;
      }
    },
    set: (tokens) => {
      if (tokens === null) storage().removeItem(key);
      else storage().setItem(key, JSON.stringify(tokens));
    },
  };
}
