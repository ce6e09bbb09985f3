import type { TokenSet } from '../session/index.ts';
import { readProperty } from '../session/internal.ts';

declare const console: { warn(message: string): void };

/**
 * Warns if `next` is about to replace another refresh token of the same sign-in in `sessionStorage`: a duplicated tab has a copy of the
 * replaced token and presents it again, which most servers answer by ending the sign-in. Returns whether it warned. It throws no error,
 * because only a refresh shows that refresh tokens rotate, and after an error of the write the session would just go on without the store.
 *
 * @param text - the entry that is replaced
 */
export function warnOfCopies(key: string, storage: object, text: string | null, next: TokenSet): boolean {
  if (!isSessionStorage(storage)) return false;
  const [before, owner] = ['refreshToken', 'owner'].map((name) => readProperty(parsed(text), name));
  const isRotation = owner === next.owner && !!before && !!next.refreshToken && before !== next.refreshToken;
  if (isRotation)
    console.warn(
      `sluice: localStorageStore '${key}' keeps a refresh token that rotates in sessionStorage. A duplicated tab has a copy, and presents a spent one. Use webStore() or memoryStore().`,
    );
  return isRotation;
}

function isSessionStorage(storage: object): boolean {
  try {
    return storage === Reflect.get(globalThis, 'sessionStorage');
  } catch {
    // Reading `sessionStorage` throws where the browser blocks it.
    return false;
  }
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}
