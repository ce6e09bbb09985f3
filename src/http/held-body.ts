import { type AxiosResponse, CanceledError, type InternalAxiosRequestConfig } from 'axios';
import { AsyncSubject, type Observable } from 'rxjs';
import { freeBody } from '../session/internal.ts';
import { abortError } from './cancellation.ts';
import { hideTransport } from './conceal-token.ts';
import { settle } from './response.ts';

/** The body of a streamed response, which is still being received when the response is emitted. */
export interface HeldBody {
  /** Emits and completes when the body has been received or has failed, its reader has cancelled it, or `end` was called. Never fails. */
  readonly ended$: Observable<void>;
  /** Whether anybody has begun to read it. */
  isRead(): boolean;
  /** Closes the connection, and fails the reader with this error. Does nothing after the body has ended. */
  end(error: unknown): void;
}

const held = new WeakMap<AxiosResponse, HeldBody>();

/** Returns the body of a response that came as a stream, even if a transform has replaced `data` since. */
export function heldBody(response: AxiosResponse | undefined): HeldBody | undefined {
  return response && held.get(response);
}

/**
 * Sends a request. If the response is to be a stream, the connection gets an `AbortController` of its own, which lives as long as the
 * body, and the caller's signal ends the body with the same error as a request.
 *
 * Axios alone does not end a body reliably: it stops listening to the signal when it makes an error of a response, and `cancel()` of a body
 * that its fetch adapter has wrapped waits for a chunk that may never come.
 *
 * @param request - the copy of the config for this send; its signal is replaced
 * @param conceal - removes the token from an error before the reader gets it, because adapters put the config into some errors
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
  const stopListening = (): void => {
    signal?.removeEventListener?.('abort', abort);
  };
  signal?.addEventListener?.('abort', abort);
  request.signal = controller.signal;
  request.validateStatus = null;
  try {
    const response = await send(request);
    body = holdBody(response, controller, conceal);
    // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
    if (body) body.ended$.subscribe(stopListening);
    else stopListening();
    return settle(response, request, { validateStatus });
  } catch (error) {
    if (!body) stopListening();
    throw error;
  }
}

/** Frees the connection of a response that nobody will read. */
export function releaseBody(response: AxiosResponse): void {
  const stream = heldBody(response);
  if (stream) {
    stream.end(new CanceledError('The response was refused, and the request is sent again.'));
    return;
  }
  freeBody(response.data);
}

/** Makes the body of a response one that can be ended. Returns `undefined` if it is no stream, or has been received already. */
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
  if (isNodeStream(given)) hideTransport(given);
  if (isWebStream(given) && !given.locked) {
    const reader = given.getReader();
    // `closed` settles even while nobody reads, if the body is empty or the connection breaks.
    reader.closed.then(settle, settle);
    [response.data, fail] = heldWebStream(reader, conceal, (reason) => {
      settle();
      controller.abort(reason);
    });
  } else if (isNodeStream(given) && !isReceived(given)) {
    // A stream may emit `end` or `error` and never `close`.
    for (const event of ['end', 'close', 'error']) given.on(event, settle);
    // Take the token out of an error before the reader gets it: the reader adds its listeners later, and they run after this one.
    given.on('error', conceal);
    fail = (error) => given.destroy(error);
  } else return undefined;

  const stream: unknown = response.data;
  const body: HeldBody = {
    ended$,
    // A transform of the app may have replaced `data` by another stream, which is the one that is read.
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

/** The members of Node's `Readable` that are used. Only an `IncomingMessage` has `complete`. */
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

/** Whether a body is a web stream, as the `fetch` adapter returns it. Adapters of Node return Node streams. */
export function isWebStream(body: unknown): body is ReadableStream<Uint8Array> {
  return typeof (body as Partial<ReadableStream> | null | undefined)?.getReader === 'function';
}

/** Whether the stream has been received, so that no event will tell of its end unless somebody reads it. */
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
 * Makes a stream that passes on the chunks of another when its reader pulls them, and a function that makes the new stream fail.
 *
 * @param onCancel - called when the new stream is cancelled
 */
function heldWebStream(
  reader: ReadableStreamDefaultReader<unknown>,
  conceal: (error: unknown) => unknown,
  onCancel: (reason: unknown) => void,
): [ReadableStream<unknown>, (error: unknown) => void] {
  const cancel = (reason: unknown): void => {
    // Aborting the signal ends the bodies of axios, but not those of a mock that ignores the signal.
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
        onCancel(reason);
        cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return [stream, fail];
}
