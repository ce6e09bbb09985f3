import { AxiosError, CanceledError, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';

/**
 * The error for a signal that was aborted, alike for all adapters: axios loses the signal's reason, and takes
 * `AbortSignal.timeout()` for a cancellation. The reason is the `cause`.
 */
export function abortError(signal: AbortSignal, config?: InternalAxiosRequestConfig): AxiosError {
  const reason: unknown = signal.reason;
  const error =
    reason instanceof Error && reason.name === 'TimeoutError'
      ? new AxiosError('The signal timed out', AxiosError.ETIMEDOUT, config)
      : new CanceledError(undefined, config);
  Object.defineProperty(error, 'cause', { value: reason, configurable: true, writable: true });
  return error;
}

/** Calls back when the caller's signal or cancel token says so. Returns what stops listening. */
export function onCancel({ signal, cancelToken }: AxiosRequestConfig, cancel: () => void): () => void {
  if (signal?.aborted) cancel();
  signal?.addEventListener?.('abort', cancel);
  cancelToken?.promise.then(cancel, () => undefined);
  return () => {
    signal?.removeEventListener?.('abort', cancel);
  };
}
