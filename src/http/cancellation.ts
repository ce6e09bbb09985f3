import { AxiosError, CanceledError, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import { Observable } from 'rxjs';

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

/** Fails when the caller's signal or cancel token says so: for the times when no adapter listens, since nothing is in flight. */
export function cancellation({ signal, cancelToken }: AxiosRequestConfig): Observable<never> {
  return new Observable((subscriber) => {
    const cancel = (): void => {
      subscriber.error(new CanceledError());
    };
    if (signal?.aborted) cancel();
    signal?.addEventListener?.('abort', cancel);
    cancelToken?.promise.then(cancel, () => undefined);
    return () => signal?.removeEventListener?.('abort', cancel);
  });
}
