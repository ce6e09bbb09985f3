import { realTimer } from './real-time.ts';

/** Lets tests wait, for a limited time, for something that is recorded. */
export interface Watcher {
  /** Something was recorded: all waiting helpers check again. */
  changed(): void;
  /** Resolves with the first value of `look` that is not `undefined`; rejects after the limit, saying what was seen. */
  until<T>(what: string, look: () => T | undefined): Promise<T>;
}

export function createWatcher(limitMs: number, seen: () => string): Watcher {
  const waiting = new Set<() => void>();
  return {
    changed() {
      for (const look of [...waiting]) look();
    },
    until<T>(what: string, look: () => T | undefined) {
      // Made here and not in the timer, so that its stack shows the waiting test.
      const late = new Error();
      return new Promise<T>((resolve, reject) => {
        const tryNow = (): void => {
          const value = look();
          if (value === undefined) return;
          cancel();
          waiting.delete(tryNow);
          resolve(value);
        };
        const cancel = realTimer(limitMs, () => {
          waiting.delete(tryNow);
          late.message = `waited ${String(limitMs)} ms for ${what}; seen: ${seen()}`;
          reject(late);
        });
        waiting.add(tryNow);
        tryNow();
      });
    },
  };
}
