import { InvalidInputError, type TokenSet, type TokenStore } from '../session/index.ts';
import { assertKnownOptions, assertOption, isDevelopment, ownOptions } from '../session/internal.ts';
import { warnOfCopies } from './warn-of-copies.ts';

/** The options of `localStorageStore`. */
export interface LocalStorageStoreOptions {
  /** The name of the entry. Each session of the origin needs a name of its own. @defaultValue `'sluice'` */
  readonly key?: string;
  /**
   * Returns the storage. Called at each use, because reading `localStorage` throws if the browser blocks it: the session then reports
   * that, and the app does not crash.
   *
   * @defaultValue the page's `localStorage`; none outside a page
   */
  readonly storage?: () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
}

/**
 * Keeps tokens in `localStorage`, as JSON, so that a reload does not sign out. Any script on the page can read them there. The store is
 * synchronous, so a session is ready at once, and it is for one session at a time: `localStorage` is not coherent between tabs, so that
 * two tabs may present the same refresh token. For several tabs use `webStore`. Do not pass `sessionStorage` if refresh tokens rotate: a
 * duplicated tab has a copy of it, and would present a refresh token that the first tab has spent. In development, the first refresh that
 * replaces a refresh token there writes a warning to the console.
 *
 * If the storage is full or blocked, or the entry is not a token set, `events$` reports that, and the session goes on in memory. Blocked
 * storage counts as empty when it is read. Outside a page, as on a server that renders, the store is empty and each write is reported.
 *
 * @example
 * ```ts
 * const session = createSession({ refresh, store: localStorageStore({ key: 'my-app' }) });
 * if (session.state.status === 'signed-out') showSignIn(); // known at once: the store is synchronous
 * ```
 *
 * @throws InvalidInputError for an option of the wrong kind, or (in development) for an unknown option
 */
export function localStorageStore<T extends TokenSet = TokenSet>(
  options: LocalStorageStoreOptions = {},
): TokenStore<T> {
  const { key = 'sluice', storage = storageOfPage } = ownOptions(options);
  assertKnownOptions('localStorageStore()', options, ['key', 'storage']);
  assertOption('localStorageStore()', 'key', key, typeof key === 'string' && key !== '', 'a string that is not empty');
  assertOption('localStorageStore()', 'storage', storage);
  let hasWarned = false;
  /** Returns the entry; `null` if the storage is blocked: nothing was ever stored then, and requests that need no token must not fail. */
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
        // Leave the error of `JSON.parse` out: it quotes the entry, which may hold tokens.
        throw new InvalidInputError(`The entry \`${key}\` of localStorage is not JSON.`);
      }
    },
    set: (tokens) => {
      const its = storage();
      if (isDevelopment() && tokens) hasWarned ||= warnOfCopies(key, its, entry(), tokens);
      if (tokens === null) its.removeItem(key);
      else its.setItem(key, JSON.stringify(tokens));
    },
  };
}

/**
 * Recognises a page by its document, and not by `localStorage`: some servers have a `localStorage`, too, and share it among all requests,
 * so a token in it would reach the pages of other people.
 */
function storageOfPage(): Storage {
  if (!('document' in globalThis)) throw new ReferenceError('There is no page, and so no localStorage of one.');
  return localStorage;
}
