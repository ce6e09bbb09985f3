import type { SessionInternals } from './session-internals.ts';
import { isPromiseLike } from './token-store.ts';

/**
 * Calls `isUnauthorized` of an app. Returns false, and reports `callback-failed`, if it throws or returns a promise. A promise would
 * count as true, and each response would be taken for a refused one.
 */
export function saysUnauthorized(internals: Pick<SessionInternals, 'emit'>, isUnauthorized: () => boolean): boolean {
  try {
    const is: unknown = isUnauthorized();
    if (!isPromiseLike(is)) return Boolean(is);
  } catch {
    // Reported below.
  }
  internals.emit({ type: 'callback-failed', callback: 'isUnauthorized' });
  return false;
}
