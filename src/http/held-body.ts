import { type AxiosResponse, CanceledError, type InternalAxiosRequestConfig } from 'axios';
import { AsyncSubject, type Observable } from 'rxjs';
import { abortError } from './cancellation.ts';
import { settled } from './response.ts';

/** The body of a streamed answer, which is still being received when the answer is given. */
export interface HeldBody {
  /** Emits once the body has been received, its reader has left, or it was ended. */
  readonly ended$: Observable<void>;
  /** Whether anybody has begun to read it. */
  isRead(): boolean;
  /** Closes the connection; the reader gets this error. Does nothing after the body has ended. */
  end(error: unknown): void;
}

const held = new WeakMap<object, HeldBody>();

/** The body of this answer, if it is a stream. */
export function heldBody(response: AxiosResponse | undefined): HeldBody | undefined {
  const body: unknown = response?.data;
  return typeof body === 'object' && body !== null ? held.get(body) : undefined;
}

/**
 * Sends a request whose answer may be a stream: its connection has a controller of its own, which lives as long as the body. The
 * caller's signal ends the body, too, with the error that it ends a request with.
 *
 * Without that nothing ends a body reliably: axios forgets the signal of an answer that it makes into an error, and the `cancel()`
 * of a body that its fetch adapter has wrapped waits for a chunk that may never come.
 *
 * @param request - the copy of the config for this send; its signal is exchanged
 */
export async function holding(
  request: InternalAxiosRequestConfig,
  send: (request: InternalAxiosRequestConfig) => Promise<AxiosResponse>,
): Promise<AxiosResponse> {
  if (request.responseType !== 'stream') return send(request);
  const { signal, validateStatus } = request;
  const controller = new AbortController();
  let body: HeldBody | undefined;
  const abort = (): void => {
    body?.end(abortError(signal as AbortSignal, request));
    controller.abort((signal as AbortSignal).reason);
  };
  const leave = (): void => {
    signal?.removeEventListener?.('abort', abort);
  };
  signal?.addEventListener?.('abort', abort);
  request.signal = controller.signal;
  request.validateStatus = null;
  try {
    const response = await send(request);
    body = hold(response, controller);
    // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
    if (body) body.ended$.subscribe(leave);
    else leave();
    return settled(response, request, { validateStatus });
  } catch (error) {
    if (!body) leave();
    throw error;
  }
}

/** Frees the connection of an answer that nobody will read. */
export function discard(response: AxiosResponse): void {
  const stream = heldBody(response);
  if (stream) {
    stream.end(new CanceledError('The answer was refused, and the request is sent again.'));
    return;
  }
  const body = response.data as { destroy?: () => unknown; cancel?: () => unknown } | null | undefined;
  try {
    if (typeof body?.destroy === 'function') body.destroy();
    else if (typeof body?.cancel === 'function') Promise.resolve(body.cancel()).catch(() => undefined);
  } catch {
    // JSON that has a method of that name, made by an adapter of one's own: nothing to free.
  }
}

/** Puts a body that can be ended in the place of the answer's own. */
function hold(response: AxiosResponse, controller: AbortController): HeldBody | undefined {
  const body: unknown = response.data;
  if (isWebStream(body)) response.data = heldWebStream(body, controller);
  else if (isNodeStream(body)) holdNodeStream(body, controller);
  return heldBody(response);
}

/** @param fail - lets the reader see the error */
function noteHeld(
  body: object,
  controller: AbortController,
  isRead: () => boolean,
  fail: (error: unknown) => void,
): () => void {
  const ended$ = new AsyncSubject<void>();
  let isOver = false;
  const settle = (): void => {
    isOver = true;
    ended$.next();
    ended$.complete();
  };
  held.set(body, {
    ended$,
    isRead,
    end(error) {
      if (isOver) return;
      settle();
      fail(error);
      controller.abort(error);
    },
  });
  return settle;
}

/** What is used of Node's `Readable`. */
interface NodeStream {
  readonly readableFlowing?: boolean | null;
  pipe(to: unknown): unknown;
  destroy(error: unknown): unknown;
  on(event: string, listener: () => void): unknown;
  listenerCount(event: string): number;
}

function isNodeStream(body: unknown): body is NodeStream {
  const stream = body as Partial<NodeStream> | null | undefined;
  return [stream?.pipe, stream?.destroy, stream?.on].every((method) => typeof method === 'function');
}

function isWebStream(body: unknown): body is ReadableStream<unknown> {
  return typeof (body as Partial<ReadableStream> | null | undefined)?.getReader === 'function';
}

function holdNodeStream(stream: NodeStream, controller: AbortController): void {
  const isRead = (): boolean => typeof stream.readableFlowing === 'boolean' || stream.listenerCount('readable') > 0;
  const settle = noteHeld(stream, controller, isRead, (error) => {
    // An error that nobody listens for would end the process.
    if (stream.listenerCount('error') === 0) stream.on('error', () => undefined);
    stream.destroy(error);
  });
  // Not every stream closes by itself.
  stream.on('end', settle);
  stream.on('close', settle);
}

/** Hands a web stream on chunk by chunk, as it is asked for. */
function heldWebStream(body: ReadableStream<unknown>, controller: AbortController): ReadableStream<unknown> {
  const reader = body.getReader();
  const source: UnderlyingDefaultSource<unknown> = {
    async pull(sink) {
      try {
        const { done, value } = await reader.read();
        if (!done) {
          sink.enqueue(value);
          return;
        }
        sink.close();
      } catch (error) {
        sink.error(error);
      }
      settle();
    },
    cancel(reason) {
      settle();
      controller.abort(reason);
    },
  };
  let fail: ReadableStreamDefaultController['error'] | undefined;
  const start: UnderlyingDefaultSource<unknown>['start'] = (sink) => {
    fail = sink.error.bind(sink);
  };
  const stream = new ReadableStream<unknown>({ ...source, start }, { highWaterMark: 0 });
  const settle = noteHeld(
    stream,
    controller,
    () => stream.locked,
    (error) => {
      fail?.(error);
    },
  );
  return stream;
}
