import type { AxiosError, AxiosInstance, AxiosRequestConfig, AxiosResponse } from 'axios';
import { Observable } from 'rxjs';
import { readProperty } from '../session/internal.ts';
import { abortError } from './cancellation.ts';
import { type HeldBody, heldBody } from './held-body.ts';

/** One request to axios, and what the Observable emits of its response. */
export interface Prepared<T> {
  /** A config for this subscription alone: `fromAxios` replaces the signal by one that unsubscribing aborts as well. */
  readonly request: AxiosRequestConfig & { signal?: AbortSignal };
  readonly project: (value: unknown) => T | PromiseLike<T>;
  /** Returns the response of the adapter, before the interceptors of the instance changed it. */
  readonly received: () => AxiosResponse | undefined;
}

/**
 * Makes an axios request a cold Observable: each subscription prepares and sends a request, and unsubscribing aborts it on the wire.
 *
 * The body of a streamed response is still being received when the response is emitted. The Observable completes when the body has
 * ended, so that unsubscribing ends the body as well. It does not wait for the body if nobody has begun to read when `next` returns, since
 * `lastValueFrom` would then wait for a body that nobody can read. In that case, and if the subscriber unsubscribes at the first value
 * (`firstValueFrom`), only the body's reader and the caller's signal end it.
 */
export function fromAxios<T>(instance: AxiosInstance, prepare: () => Prepared<T>): Observable<T> {
  return new Observable((subscriber) => {
    const { request, project, received } = prepare();
    // Read the defaults as well: the signal that is set below takes the place of theirs.
    const { signal = readProperty(instance.defaults, 'signal') as AbortSignal | undefined } = request;
    if (signal?.aborted) {
      subscriber.error(abortError(signal));
      return undefined;
    }
    const controller = new AbortController();
    // Fail at once and do not wait for axios: an interceptor or a schema that is still working on the response does not listen to the
    // signal.
    const abort = (): void => {
      if (signal) subscriber.error(abortError(signal));
      controller.abort(signal?.reason);
    };
    const stopListening = (): void => {
      signal?.removeEventListener('abort', abort);
    };
    signal?.addEventListener('abort', abort);
    request.signal = controller.signal;
    /** Called at unsubscribing. Replaced when the request settles: to abort it then would call all listeners of the signal in vain. */
    let end = (): void => {
      stopListening();
      controller.abort(signal?.reason);
    };
    /**
     * Called when the request has settled, with its response if there is one. From now on the caller's signal can abort a streamed body
     * only, and unsubscribing aborts nothing. If the subscriber has begun to read that body when `next` returns, the code below sets `end`
     * back, and unsubscribing aborts the body.
     */
    const answered = (response: AxiosResponse | undefined): HeldBody | undefined => {
      const body = heldBody(response);
      // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
      body?.ended$.subscribe(stopListening);
      end = body ? (): void => undefined : stopListening;
      return body;
    };
    instance
      .request<unknown, unknown>(request)
      .then(project)
      .then(
        (value) => {
          // Emit nothing after unsubscribing: RxJS uses a caller's own `Subscriber` as it is, and one that overrides `next` would get the
          // value.
          if (subscriber.closed) return;
          const unsubscribed = end;
          const body = answered(received());
          subscriber.next(value);
          if (body?.isRead()) {
            end = unsubscribed;
            // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
            body.ended$.subscribe(() => {
              end = stopListening;
              subscriber.complete();
            });
          } else subscriber.complete();
        },
        (error: unknown) => {
          if (subscriber.closed) return;
          answered((error as Partial<AxiosError> | undefined)?.response);
          subscriber.error(error);
        },
      );
    return () => {
      end();
    };
  });
}
