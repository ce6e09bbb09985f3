/**
 * Returns a signal that aborts as soon as one of two signals does.
 *
 * @param other - may be of another implementation of `AbortSignal`, which `AbortSignal.any` refuses
 */
export function eitherSignal(own: AbortSignal, other: AbortSignal): AbortSignal {
  const signals = [own, other];
  if ('any' in AbortSignal && other instanceof AbortSignal) return AbortSignal.any(signals);
  // Safari before 17.4 and React Native have no `AbortSignal.any`.
  const controller = new AbortController();
  for (const signal of signals) {
    const abort = (): void => {
      controller.abort(signal.reason);
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
  }
  return controller.signal;
}
