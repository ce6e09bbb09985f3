import { type AxiosResponse, CanceledError, type InternalAxiosRequestConfig } from 'axios';
import { AsyncSubject, type Observable } from 'rxjs';
import { abortError } from './cancellation.ts';
import { settle } from './response.ts';

/** The body of a streamed answer, which is still being received when the answer is given. */
export interface HeldBody {
  /** Emits once the body has been received, its reader has left, or it was ended. */
  readonly ended$: Observable<void>;
  /** Whether anybody has begun to read it. */
  isRead(): boolean;
  /** Closes the connection; the reader gets this error. Does nothing after the body has ended. */
  end(error: unknown): void;
}

const held = new WeakMap<AxiosResponse, HeldBody>();

/** The body of this answer, if it came as a stream: whatever transforms have made of it since. */
export function heldBody(response: AxiosResponse | undefined): HeldBody | undefined {
  return response && held.get(response);
}

/**
 * Sends a request whose answer may be a stream: its connection has a controller of its own, which lives as long as the body. The
 * caller's signal ends the body, too, with the error that it ends a request with.
 *
 * Without that nothing ends a body reliably: axios forgets the signal of an answer that it makes into an error, and the `cancel()`
 * of a body that its fetch adapter has wrapped waits for a chunk that may never come.
 *
 * @param request - the copy of the config for this send; its signal is exchanged
 * @param conceal - takes the token out of an error that the reader gets: adapters put this config into some
 */
export async function sendHeld(
  request: InternalAxiosRequestConfig,
  send: (request: InternalAxiosRequestConfig) => Promise<AxiosResponse>,
  conceal: (error: unknown) => unknown,
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
    body = holdBody(response, controller, conceal);
    // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
    if (body) body.ended$.subscribe(leave);
    else leave();
    return settle(response, request, { validateStatus });
  } catch (error) {
    if (!body) leave();
    throw error;
  }
}

/** Frees the connection of an answer that nobody will read. */
export function releaseBody(response: AxiosResponse): void {
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

/** Puts a body that can be ended in the place of the answer's own. Not what is no stream, or has ended. */
function holdBody(
  response: AxiosResponse,
  controller: AbortController,
  conceal: (error: unknown) => unknown,
): HeldBody | undefined {
  const given: unknown = response.data;
  const ended$ = new AsyncSubject<void>();
  let isOver = false;
  const settle = (): void => {
    isOver = true;
    ended$.next();
    ended$.complete();
  };
  let fail: (error: unknown) => void;
  if (isWebStream(given) && !given.locked) {
    const reader = given.getReader();
    // Also while nobody reads: a body may be empty, or break off.
    reader.closed.then(settle, settle);
    [response.data, fail] = heldWebStream(reader, conceal, (reason) => {
      settle();
      controller.abort(reason);
    });
  } else if (isNodeStream(given) && !isReceived(given)) {
    // Not every stream closes by itself.
    for (const event of ['end', 'close', 'error']) given.on(event, settle);
    // Before the reader's own listeners. An error that nobody listens for would end the process.
    given.on('error', conceal);
    fail = (error) => given.destroy(error);
  } else return undefined;

  const stream: unknown = response.data;
  const body: HeldBody = {
    ended$,
    // A transform may have made another stream of it.
    isRead: () => isBeingRead(stream) || isBeingRead(response.data),
    end(error) {
      if (isOver) return;
      settle();
      fail(conceal(error));
      controller.abort(error);
    },
  };
  held.set(response, body);
  return body;
}

/** What is used of Node's `Readable`; `complete` is an `IncomingMessage`'s. */
interface NodeStream {
  readonly destroyed?: boolean;
  readonly readableEnded?: boolean;
  readonly complete?: boolean;
  readonly readableLength?: number;
  pipe(to: unknown): unknown;
  destroy(error: unknown): unknown;
  on(event: string, listener: (value: unknown) => void): unknown;
}

function isNodeStream(body: unknown): body is NodeStream {
  const stream = body as Partial<NodeStream> | null | undefined;
  return [stream?.pipe, stream?.destroy, stream?.on].every((method) => typeof method === 'function');
}

function isWebStream(body: unknown): body is ReadableStream<unknown> {
  return typeof (body as Partial<ReadableStream> | null | undefined)?.getReader === 'function';
}

/** Whether nothing is to come of it: no event will tell of its end, unless somebody reads it. */
function isReceived({ destroyed, readableEnded, complete, readableLength }: NodeStream): boolean {
  return destroyed === true || readableEnded === true || (complete === true && readableLength === 0);
}

function isBeingRead(body: unknown): boolean {
  const stream = body as
    | ({ locked?: boolean; readableFlowing?: boolean | null } & Partial<
        Record<'listenerCount', (event: string) => number>
      >)
    | null
    | undefined;
  return (
    stream?.locked ?? (typeof stream?.readableFlowing === 'boolean' || (stream?.listenerCount?.('readable') ?? 0) > 0)
  );
}

/**
 * Hands a web stream on chunk by chunk, as it is asked for. With what lets its reader see an error.
 *
 * @param leave - called when the reader leaves
 */
function heldWebStream(
  reader: ReadableStreamDefaultReader<unknown>,
  conceal: (error: unknown) => unknown,
  leave: (reason: unknown) => void,
): [ReadableStream<unknown>, (error: unknown) => void] {
  const cancel = (reason: unknown): void => {
    // Of no use to bodies of axios's own, but a mock may know no signal.
    reader.cancel(reason).catch(() => undefined);
  };
  let fail: (error: unknown) => void = cancel;
  const stream = new ReadableStream<unknown>(
    {
      start(sink) {
        fail = (error) => {
          sink.error(error);
          cancel(error);
        };
      },
      async pull(sink) {
        try {
          const { done, value } = await reader.read();
          if (done) sink.close();
          else sink.enqueue(value);
        } catch (error) {
          sink.error(conceal(error));
        }
      },
      cancel(reason) {
        leave(reason);
        cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return [stream, fail];
}
