import type { AxiosError, AxiosInstance, AxiosRequestConfig, AxiosResponse } from 'axios';
import { Observable } from 'rxjs';
import { abortError } from './cancellation.ts';
import { type HeldBody, heldBody } from './held-body.ts';

/** One send of an exchange: what to ask axios for, and what its answer means. */
export interface Prepared<T> {
  /** Its own: the signal is exchanged for one that unsubscribing aborts as well. */
  readonly request: AxiosRequestConfig & { signal?: AbortSignal };
  readonly project: (value: unknown) => T | PromiseLike<T>;
  /** The answer as it came from the adapter, before the instance made something of it. */
  readonly received: () => AxiosResponse | undefined;
}

/**
 * One axios request as a cold Observable: each subscription prepares and sends, and unsubscribing aborts on the wire.
 *
 * The body of a streamed answer is received after the answer is given. The Observable completes when the body has ended, so that
 * unsubscribing ends the body, too. If nobody has begun to read by the time that `next` returns, or the subscriber leaves at the first
 * value (`firstValueFrom`), the body is its reader's alone: `lastValueFrom` would else wait for a body that nobody can read.
 */
export function fromAxios<T>(instance: AxiosInstance, prepare: () => Prepared<T>): Observable<T> {
  return new Observable((subscriber) => {
    const { request, project, received } = prepare();
    const { signal } = request;
    if (signal?.aborted) {
      subscriber.error(abortError(signal));
      return undefined;
    }
    const controller = new AbortController();
    // At once, because an interceptor or a schema that still works on the answer would not hear of it.
    const abort = (): void => {
      if (signal) subscriber.error(abortError(signal));
      controller.abort(signal?.reason);
    };
    const leave = (): void => {
      signal?.removeEventListener('abort', abort);
    };
    signal?.addEventListener('abort', abort);
    request.signal = controller.signal;
    /** What unsubscribing does. Aborting what has settled would wake every listener for nothing. */
    let end = (): void => {
      leave();
      controller.abort(signal?.reason);
    };
    /** From the answer on, unsubscribing ends nothing, and the caller's signal the body only. */
    const answered = (response: AxiosResponse | undefined): HeldBody | undefined => {
      const body = heldBody(response);
      // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
      body?.ended$.subscribe(leave);
      end = body ? (): void => undefined : leave;
      return body;
    };
    instance
      .request<unknown, unknown>(request)
      .then(project)
      .then(
        (value) => {
          // Who has left may be a subscriber of an operator, which would pass it on.
          if (subscriber.closed) return;
          const unsubscribed = end;
          const body = answered(received());
          subscriber.next(value);
          if (body?.isRead()) {
            end = unsubscribed;
            // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
            body.ended$.subscribe(() => {
              end = leave;
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
