// Keep the functions that are there when the module is loaded: fake timers that a test installs later would stop the waits of this module.
const setRealTimeout = setTimeout;
const clearRealTimeout = clearTimeout;

/**
 * Calls `callback` after `ms` milliseconds of real time, unless the returned function is called before.
 *
 * Fake timers may have been installed before this module was loaded, as Jest's `fakeTimers.enableGlobally` does. Their `setTimeout` has a
 * property `clock`. Then this function uses the timer of an `AbortSignal`, which fake timers do not replace.
 */
export function afterRealMs(ms: number, callback: () => void): () => void {
  if ('clock' in setRealTimeout && typeof AbortSignal.timeout === 'function') {
    const signal = AbortSignal.timeout(ms);
    signal.addEventListener('abort', callback);
    return () => {
      signal.removeEventListener('abort', callback);
    };
  }
  const timer = setRealTimeout(callback, ms);
  return () => {
    clearRealTimeout(timer);
  };
}

/** Resolves in a later turn of the event loop, when all promises that can settle by themselves have settled. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    afterRealMs(0, resolve);
  });
}
