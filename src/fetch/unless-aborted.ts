import { firstValueFrom, merge, Observable } from 'rxjs';

/** @throws what the signal was aborted with */
export function throwIfAborted(signal: AbortSignal | null | undefined): void {
  if (signal?.aborted) throw signal.reason;
}

/** The value of what a request waits for, unless its signal is aborted before. */
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
  // The signal comes first: an aborted request starts no refresh.
  return firstValueFrom(merge(aborted$, wait$));
}
