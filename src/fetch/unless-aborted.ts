import { firstValueFrom, merge, Observable } from 'rxjs';

/** @throws the signal's reason if it is aborted */
export function throwIfAborted(signal: AbortSignal | null | undefined): void {
  if (signal?.aborted) throw signal.reason;
}

/**
 * Waits for a value, or until the request's signal is aborted.
 *
 * @throws the signal's reason if it is aborted, otherwise the error of `wait$`
 */
export function unlessAborted<T>(wait$: Observable<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return firstValueFrom(wait$);
  const aborted$ = new Observable<never>((subscriber) => {
    const abort = (): void => {
      subscriber.error(signal.reason);
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    return () => {
      signal.removeEventListener('abort', abort);
    };
  });
  // The signal comes first, so that a request that is aborted already does not start a refresh.
  return firstValueFrom(merge(aborted$, wait$));
}
