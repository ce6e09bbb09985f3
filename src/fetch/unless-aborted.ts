import { firstValueFrom, merge, Observable } from 'rxjs';

/**
 * Returns the reason of an aborted signal. The signals of React Native and of older browsers have none: then, as with `fetch` itself, it is
 * an `AbortError`.
 */
function reasonOf(signal: { readonly reason?: unknown }): unknown {
  const { reason = Object.assign(new Error('The request was aborted.'), { name: 'AbortError' }) } = signal;
  return reason;
}

/** @throws the signal's reason if it is aborted */
export function throwIfAborted(signal: AbortSignal | null | undefined): void {
  if (signal?.aborted) throw reasonOf(signal);
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
      subscriber.error(reasonOf(signal));
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
