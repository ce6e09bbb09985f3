import type { AxiosInstance, AxiosRequestConfig } from 'axios';
import { Observable } from 'rxjs';
import { abortError } from './cancellation.ts';

/** One axios request as a cold Observable: each subscription sends, and unsubscribing aborts on the wire. */
export function fromAxios<T>(
  instance: AxiosInstance,
  config: AxiosRequestConfig,
  project: (value: unknown) => T,
): Observable<T> {
  return new Observable((subscriber) => {
    const { signal } = config as { signal?: AbortSignal };
    if (signal?.aborted) {
      subscriber.error(abortError(signal));
      return undefined;
    }
    const controller = new AbortController();
    let settled = false;
    const abort = (): void => {
      controller.abort(signal?.reason);
    };
    signal?.addEventListener('abort', abort);
    instance.request<unknown, unknown>({ ...config, signal: controller.signal }).then(
      (value) => {
        settled = true;
        subscriber.next(project(value));
        subscriber.complete();
      },
      (error: unknown) => {
        settled = true;
        subscriber.error(signal?.aborted ? abortError(signal) : error);
      },
    );
    return () => {
      signal?.removeEventListener('abort', abort);
      // Only what is under way: aborting what has settled wakes every listener for nothing.
      if (!settled) abort();
    };
  });
}
