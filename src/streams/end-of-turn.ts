// Keep the function that is there when the module is loaded: fake timers that a test installs later would stop the reading of streams.
const setRealTimeout = setTimeout;

/**
 * Resolves after other tasks of the event loop have run: timers, input, painting. It does not use a timer of 0 ms, because browsers delay
 * nested timers by 4 ms.
 */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => {
    // React Native and jsdom have no MessageChannel.
    if (typeof MessageChannel === 'undefined') setRealTimeout(resolve, 0);
    else {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        // Close the port: an open port would keep a Node process alive.
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    }
  });
}
