/**
 * Resolves after other tasks of the event loop had their turn: timers, input, painting. A timer of 0 ms would do that, too, but browsers
 * make nested ones wait for 4 ms.
 */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => {
    // React Native has no MessageChannel.
    if (typeof MessageChannel === 'undefined') setTimeout(resolve, 0);
    else {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        // An open port would keep a Node process alive.
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    }
  });
}
