import axios, { type AxiosInstance, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { Observable, Subject } from 'rxjs';
import { heldBody, throwIfAborted, type Traceable, type TraceHook, traceKey } from '../http/internal.ts';
import { readProperty } from '../session/internal.ts';
import { RequestTrace } from './request-trace.ts';
import type { TraceEvent } from './trace-event.ts';

/** The hook of an instance, with the events that it makes. Every copy of the package that listens to the instance shares it. */
type TraceHub = TraceHook & { readonly events$: Observable<TraceEvent> };

/**
 * Returns the hub of an instance. It becomes the hook of the instance at the first subscription, and is removed with the last one.
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

/** Calls `next` for one value after another: what a listener causes is delivered after all have received what caused it. */
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
