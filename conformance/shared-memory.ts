import { Subject } from 'rxjs';
import type { SharedStore, Storage, Tokens } from './driver.ts';

/** What tabs or processes share, in one process: each holder hears of the others' writes a little later, and the lock is a queue. */
export function sharedMemory(initial: Tokens | null): SharedStore {
  let kept = initial;
  let queue: Promise<unknown> = Promise.resolve();
  const holders = new Set<Subject<Tokens | null>>();

  return {
    open(): Storage {
      const changes$ = new Subject<Tokens | null>();
      holders.add(changes$);
      return {
        changes$: changes$.asObservable(),
        get: () => kept,
        set(tokens) {
          kept = tokens;
          for (const other of holders) {
            if (other !== changes$)
              setImmediate(() => {
                other.next(tokens);
              });
          }
        },
        lock(work) {
          const result = queue.then(work);
          queue = result.catch(() => undefined);
          return result;
        },
      };
    },
  };
}
