import axios, { type AxiosInstance, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { Observable, Subject } from 'rxjs';
import { heldBody, throwIfAborted, type Traceable, type TraceHook, traceKey } from '../http/internal.ts';
import { readProperty } from '../session/internal.ts';
import { RequestTrace } from './request-trace.ts';
import type { TraceEvent } from './trace-event.ts';

/**
 * The function that an axios instance calls for each request so that the request is traced (its hook), with the events that this makes. All
 * copies of the package that listen to the instance share one hub: with a hook of each, the instance would call only one.
 */
type TraceHub = TraceHook & { readonly events$: Observable<TraceEvent> };

/**
 * Returns the hub of an instance: the function that the instance calls for each request, with the events that it emits. Sets the hub on the
 * instance if it has none; the hub is removed when the last subscriber unsubscribes, so that tracing costs nothing then.
 *
 * @throws TypeError if the instance is frozen
 */
export function hubOf(instance: AxiosInstance & Traceable): TraceHub {
  const hook = instance[traceKey] as TraceHub | undefined;
  return hook ?? createHub(instance);
}

function createHub(instance: Traceable): TraceHub {
  const subject = new Subject<TraceEvent>();
  const emit = inOrder((event: TraceEvent) => {
    subject.next(event);
  });
  const hook: TraceHook = (config, choice, serve) => {
    const trace = new RequestTrace(config, emit);
    return follow(trace, config, () =>
      serve(
        (sent) => {
          trace.sent();
          // A listener of the event `sent` may have aborted the request: then it must not be sent.
          throwIfAborted(sent);
          return noting(trace, axios.getAdapter(choice, sent)(sent));
        },
        () => {
          trace.held();
        },
      ),
    );
  };
  const events$ = new Observable<TraceEvent>((subscriber) => {
    subscriber.add(subject.subscribe(subscriber));
    return () => {
      if (!subject.observed && instance[traceKey] === hook) Reflect.deleteProperty(instance, traceKey);
    };
  });
  const hub = Object.assign(hook, { events$ });
  instance[traceKey] = hub;
  return hub;
}

/** Emits an event when one send gets its response. */
async function noting(trace: RequestTrace, send: Promise<AxiosResponse>): Promise<AxiosResponse> {
  try {
    const response = await send;
    trace.answered(response);
    return response;
  } catch (error) {
    if (axios.isAxiosError(error)) trace.answered(error.response);
    throw error;
  }
}

/** Emits the event at the end of the whole request. */
async function follow(
  trace: RequestTrace,
  { signal }: InternalAxiosRequestConfig,
  serve: () => Promise<AxiosResponse>,
): Promise<AxiosResponse> {
  // Listen to the signal: the adapter of a mock may ignore it and never settle, and no event would tell that the request was cancelled.
  const abort = (): void => {
    trace.aborted(readProperty(signal, 'reason'));
  };
  const stopListening = (): void => {
    signal?.removeEventListener?.('abort', abort);
  };
  signal?.addEventListener?.('abort', abort);
  try {
    const response = await serve();
    const body = heldBody(response);
    const complete = (): void => {
      stopListening();
      trace.completed(response);
    };
    // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
    if (body) body.ended$.subscribe(complete);
    else complete();
    return response;
  } catch (error) {
    stopListening();
    trace.failed(error);
    throw error;
  }
}

/**
 * Calls `next` for one value after another. A value that arrives during a call, because a listener has caused it, waits until that call has
 * ended: otherwise the other listeners would receive it before the value that led to it.
 */
function inOrder<T>(next: (value: T) => void): (value: T) => void {
  const queue: T[] = [];
  let isBusy = false;
  return (value) => {
    queue.push(value);
    if (isBusy) return;
    isBusy = true;
    try {
      for (let given; (given = queue.shift()) !== undefined;) next(given);
    } finally {
      isBusy = false;
    }
  };
}
