import { AxiosError, CanceledError, type InternalAxiosRequestConfig } from 'axios';
import { firstValueFrom, Observable } from 'rxjs';

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

/** Node's adapter sends all the same when its signal is aborted beforehand. */
export function throwIfAborted(config: InternalAxiosRequestConfig): void {
  if (config.signal?.aborted) throw new CanceledError(undefined, config);
  config.cancelToken?.throwIfRequested();
}

/** The outcome of each wait that is shared by requests which nobody can cancel. */
const sharedOutcomes = new WeakMap<Observable<unknown>, Promise<unknown>>();

function sharedOutcomeOf<T>(wait$: Observable<T>): Promise<T> {
  const known = sharedOutcomes.get(wait$) as Promise<T> | undefined;
  const outcome = known ?? firstValueFrom(wait$);
  if (!known) sharedOutcomes.set(wait$, outcome);
  return outcome;
}

/**
 * The value of what a request waits for, unless the caller's signal or cancel token says before that nobody wants it.
 *
 * @param wait$ - from the session; requests that wait for the same refresh are given the same Observable, so its outcome can be cached by identity
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
    // Axios's own token makes promises that can be left.
    const left: (Promise<void> & { cancel?: () => void }) | undefined = cancelToken?.promise.then(cancel);
    subscriber.add(() => {
      signal?.removeEventListener?.('abort', cancel);
      left?.cancel?.();
    });
    // Last: who has left already starts nothing.
    wait$.subscribe(subscriber);
  });
  return firstValueFrom(first$);
}
