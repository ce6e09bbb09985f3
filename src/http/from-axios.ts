import type { AxiosInstance, AxiosRequestConfig } from 'axios';
import { Observable } from 'rxjs';
import { abortError } from './cancellation.ts';

/** One send of an exchange: what to ask axios for, and what its answer means. */
export interface Prepared<T> {
  /** Its own: the signal is exchanged for one that unsubscribing aborts as well. */
  readonly request: AxiosRequestConfig & { signal?: AbortSignal };
  readonly project: (value: unknown) => T | PromiseLike<T>;
}

/** One axios request as a cold Observable: each subscription prepares and sends, and unsubscribing aborts on the wire. */
export function fromAxios<T>(instance: AxiosInstance, prepare: () => Prepared<T>): Observable<T> {
  return new Observable((subscriber) => {
    const { request, project } = prepare();
    const { signal } = request;
    if (signal?.aborted) {
      subscriber.error(abortError(signal));
      return undefined;
    }
    const controller = new AbortController();
    let settled = false;
    // At once, because an interceptor or a schema that still works on the answer would not hear of it.
    const abort = (): void => {
      if (signal) subscriber.error(abortError(signal));
    };
    signal?.addEventListener('abort', abort);
    request.signal = controller.signal;
    instance
      .request<unknown, unknown>(request)
      .then(project)
      .then(
        (value) => {
          // Who has left may be a subscriber of an operator, which would pass it on.
          if (subscriber.closed) return;
          settled = true;
          subscriber.next(value);
          subscriber.complete();
        },
        (error: unknown) => {
          if (subscriber.closed) return;
          settled = true;
          subscriber.error(error);
        },
      );
    return () => {
      signal?.removeEventListener('abort', abort);
      // Only what is under way: aborting what has settled wakes every listener for nothing.
      if (!settled) controller.abort(signal?.reason);
    };
  });
}
