/**
 * Resolves after other tasks of the event loop have run: timers, input, painting. It does not use a timer of 0 ms, because browsers delay
 * nested timers by 4 ms.
 */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => {
    // React Native has no MessageChannel.
    if (typeof MessageChannel === 'undefined') setTimeout(resolve, 0);
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
