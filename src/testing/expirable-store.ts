import { Subject } from 'rxjs';
import { memoryStore, type Session, type SharedStore, type TokenSet } from '../session/index.ts';
import { openPort, SingleHolder, type Stored, type StorePort } from '../session/internal.ts';

/** A `memoryStore` whose tokens a test can let expire. */
export interface ExpirableStore<T extends TokenSet> {
  readonly store: SharedStore<T>;
  /** Writes the session's tokens with an expiry that has passed, and passes them on: the session refreshes before its next request. */
  expire(state: Session<T>['state'], now: number): void;
}

/**
 * Makes a `memoryStore` that can also announce tokens to its session, as a shared store does. With `update()` a test could not let tokens
 * expire: a session ignores an expiry that had already passed when the app brought the tokens, because its clock may be wrong. It believes
 * an expiry from its store.
 */
export function expirableStore<T extends TokenSet>(
  tokens: T | null,
  ownerOf: (tokens: T) => string | undefined,
): ExpirableStore<T> {
  const memory = memoryStore(tokens);
  const news$ = new Subject<Stored<T>>();
  const store: SharedStore<T> = {
    [openPort]: (context): StorePort<T> => {
      // If `ownerOf` throws, report that and go on without the owner's name, as a session does with any other store.
      const safeOwnerOf = (current: T): string | undefined => {
        try {
          return ownerOf(current);
        } catch {
          context.emit({ type: 'callback-failed', callback: 'ownerOf' });
          return undefined;
        }
      };
      return Object.assign(new SingleHolder(memory, context, { ownerOf: safeOwnerOf }), { news$ });
    },
  };
  return {
    store,
    expire({ owner, tokens: current }, now) {
      if (!current) return;
      const expired = { ...current, expiresAt: now - 1 };
      void memory.set({ ...expired, ...(owner !== null && { owner }) });
      news$.next({ owner, tokens: expired });
    },
  };
}
