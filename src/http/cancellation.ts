import { AxiosError, CanceledError, type InternalAxiosRequestConfig } from 'axios';
import { firstValueFrom, Observable } from 'rxjs';

/**
 * Makes the error for an aborted signal, the same for all adapters, with the signal's reason as its `cause`. Axios itself drops the reason
 * and takes the timeout of `AbortSignal.timeout()` for a cancellation.
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

/** Throws if the caller has aborted the request. Axios's Node adapter sends a request even if its signal was aborted before. */
export function throwIfAborted(config: InternalAxiosRequestConfig): void {
  if (config.signal?.aborted) throw new CanceledError(undefined, config);
  config.cancelToken?.throwIfRequested();
}

/** One promise for each wait, shared by the requests that cannot be cancelled. One for each request would take more memory. */
const sharedOutcomes = new WeakMap<Observable<unknown>, Promise<unknown>>();

function sharedOutcomeOf<T>(wait$: Observable<T>): Promise<T> {
  const known = sharedOutcomes.get(wait$) as Promise<T> | undefined;
  const outcome = known ?? firstValueFrom(wait$);
  if (!known) sharedOutcomes.set(wait$, outcome);
  return outcome;
}

/**
 * Waits for a value, or until the request's signal or cancel token is aborted.
 *
 * @param wait$ - from the session; requests that wait for the same refresh are given the same Observable, so its outcome can be cached by
 * identity
 * @throws CanceledError or the reason of the cancel token if the request is aborted, otherwise the error of `wait$`
 */
export function unlessAborted<T>(wait$: Observable<T>, config: InternalAxiosRequestConfig): Promise<T> {
  const { signal, cancelToken } = config;
  if (!signal && !cancelToken) return sharedOutcomeOf(wait$);
  const first$ = new Observable<T>((subscriber) => {
    const cancel = (): void => {
      subscriber.error(cancelToken?.reason ?? new CanceledError(undefined, config));
    };
    if (signal?.aborted || cancelToken?.reason) cancel();
    signal?.addEventListener?.('abort', cancel);
    // Only axios's own cancel token makes promises with a `cancel`, which removes the listener.
    const left: (Promise<void> & { cancel?: () => void }) | undefined = cancelToken?.promise.then(cancel);
    subscriber.add(() => {
      signal?.removeEventListener?.('abort', cancel);
      left?.cancel?.();
    });
    // Subscribe last: a request that is aborted already must not start a refresh.
    wait$.subscribe(subscriber);
  });
  return firstValueFrom(first$);
}
