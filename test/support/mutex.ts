import type { Cell, StoredSession } from 'sluice/session';

export interface Mutex extends NonNullable<Cell<StoredSession>['lock']> {
  /** How many functions run: 0 or 1. */
  readonly held: number;
  readonly waiting: number;
}

/** Mutual exclusion like Web Locks: granted in order, a wait can be withdrawn, released when the function settles. */
export function mutexOf(): Mutex {
  const counts = { held: 0, waiting: 0 };
  let tail: Promise<unknown> = Promise.resolve();
  const lock: NonNullable<Cell<StoredSession>['lock']> = async (work, { signal }) => {
    const before = tail;
    const run = (async () => {
      counts.waiting += 1;
      await Promise.race([before, new Promise((resolve) => signal.addEventListener('abort', resolve))]);
      counts.waiting -= 1;
      signal.throwIfAborted();
      counts.held += 1;
      try {
        return await work();
      } finally {
        counts.held -= 1;
      }
    })();
    // After a withdrawn wait, the next one still waits for those before it.
    tail = run.then(
      () => before,
      () => before,
    );
    return run;
  };
  return Object.defineProperties(lock, {
    held: { get: () => counts.held },
    waiting: { get: () => counts.waiting },
  }) as Mutex;
}
