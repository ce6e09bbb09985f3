// Read when the module is loaded, so that fake timers that a test installs later do not stop them.
const setRealTimeout = setTimeout;
const clearRealTimeout = clearTimeout;

/**
 * Calls back after `ms` milliseconds of real time; the returned function cancels that.
 *
 * Fake timers that were installed before this module was loaded, as Jest's `fakeTimers.enableGlobally` does, have replaced `setTimeout`
 * already, and mark what they put there by `clock`. Then the timer of a signal is used, which they leave alone.
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
