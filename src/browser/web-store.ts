import type { TokenSet, TokenStore } from '../session/index.ts';

export interface WebStoreOptions {
  /** Name of the entry. One per session that the origin keeps. @defaultValue `'sluice'` */
  readonly key?: string;
  /** Looked up when it is used, so that blocked storage is a report and no crash. @defaultValue `() => localStorage` */
  readonly storage?: () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
}

/**
 * Keeps tokens in `localStorage`, as JSON, so that a reload does not sign out. Any script on the page can read them there.
 *
 * Storage that is full, blocked or holds garbage is reported in `events$`, and the session goes on in memory. Storage that is blocked
 * holds nobody's tokens.
 */
export function webStore<T extends TokenSet = TokenSet>(options: WebStoreOptions = {}): TokenStore<T> {
  const { key = 'sluice', storage = () => localStorage } = options;
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
