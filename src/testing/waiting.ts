import { afterRealMs } from './real-time.ts';

/** Lets tests wait, for a limited real time, for something that happens. */
export class Waiting {
  readonly #looks = new Set<() => void>();

  /** Must be called when something has happened that a test may wait for: it calls each `find` again. */
  changed(): void {
    for (const look of [...this.#looks]) look();
  }

  /**
   * Calls `find` at once and after each change, and resolves with its first value that is not `undefined`. Rejects with the error that
   * `find` throws, and after `limitMs` with an Error, whose message is made at that moment and whose stack leads to the caller.
   */
  until<T>(find: () => T | undefined, limitMs: number, message: () => string): Promise<T> {
    const late = new Error();
    return new Promise((resolve, reject) => {
      const look = (): void => {
        try {
          const found = find();
          if (found === undefined) return;
          end();
          resolve(found);
        } catch (error) {
          end();
          reject(error);
        }
      };
      const cancelTimer = afterRealMs(limitMs, () => {
        end();
        late.message = message();
        reject(late);
      });
      const end = (): void => {
        this.#looks.delete(look);
        cancelTimer();
      };
      this.#looks.add(look);
      look();
    });
  }
}
