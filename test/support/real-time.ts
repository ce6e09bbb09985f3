// Read when the module is loaded, so that a test with fake timers or a fake date does not stop the server and the
// waiting helpers.
const setRealTimeout = globalThis.setTimeout;
const clearRealTimeout = globalThis.clearTimeout;
const RealDate = globalThis.Date;

export const realNow = (): number => RealDate.now();

/** Calls back after `ms` of real time; the returned function cancels that. */
export function realTimer(ms: number, callback: () => void): () => void {
  const timer = setRealTimeout(callback, ms);
  return () => {
    clearRealTimeout(timer);
  };
}

/** Resolves after `ms` of real time, or as soon as `signal` aborts. Never rejects. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = realTimer(ms, done);
    signal?.addEventListener('abort', done);
  });
}
