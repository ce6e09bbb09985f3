import { asyncScheduler, Observable } from 'rxjs';
import { StreamFailedError } from '../session/index.ts';
import { kindOf } from '../session/internal.ts';
import { endOfTurn } from './end-of-turn.ts';

/** How long values may be given without a pause, in milliseconds. */
const LONGEST_TURN_MS = 8;

/** Makes values of a body. */
export interface BodyParser<T> {
  /** The values that these bytes complete. */
  push(bytes: Uint8Array): Iterable<T>;
  /** The values that the end of the body completes. */
  finish?(): Iterable<T>;
}

/**
 * Reads a streamed body and gives what the parser makes of each chunk, one value at a time; unsubscribing stops reading. Nothing is read
 * while `next` runs, so a slow subscriber slows the server down.
 *
 * A body that arrives without a pause is read in microtasks, which keep timers, input and painting waiting. So the event loop gets its
 * turn at least every 8 ms.
 *
 * @param body - a web stream, a Node stream, or what a mock gives in its place: text or bytes
 */
export function readBody<T>(body: unknown, parser: BodyParser<T>): Observable<T> {
  return new Observable((subscriber) => {
    const chunks = chunksOf(body);
    let turnEnds = asyncScheduler.now() + LONGEST_TURN_MS;
    const give = async (values: Iterable<T>): Promise<void> => {
      for (const value of values) {
        if (asyncScheduler.now() >= turnEnds) {
          await endOfTurn();
          turnEnds = asyncScheduler.now() + LONGEST_TURN_MS;
        }
        if (subscriber.closed) return;
        subscriber.next(value);
      }
    };
    const read = async (): Promise<void> => {
      for (let chunk = await chunks.next(); !chunk.done && !subscriber.closed; chunk = await chunks.next())
        await give(parser.push(chunk.value));
      // What was left before its end must not be taken for whole.
      if (!subscriber.closed) await give(parser.finish?.() ?? []);
    };
    read().then(
      () => {
        if (!subscriber.closed) subscriber.complete();
      },
      (error: unknown) => {
        if (!subscriber.closed) subscriber.error(error);
      },
    );
    return () => {
      chunks.stop();
    };
  });
}

type Chunk = { readonly done?: false; readonly value: Uint8Array } | { readonly done: true; readonly value?: unknown };

interface Chunks {
  next(): Promise<Chunk>;
  /** Frees the connection. Of a client's responses, unsubscribing from the request does so, too; a mock's know nothing of that. */
  stop(): void;
}

function chunksOf(body: unknown): Chunks {
  if (isWebStream(body)) {
    const reader = body.getReader();
    return {
      next: () => reader.read(),
      stop: () => {
        reader.cancel().catch(() => undefined);
      },
    };
  }
  if (isNodeStream(body)) {
    const iterator = body[Symbol.asyncIterator]();
    return {
      next: () => iterator.next() as Promise<Chunk>,
      stop: () => {
        body.destroy?.();
      },
    };
  }
  const whole = typeof body === 'string' ? new TextEncoder().encode(body) : (body ?? new Uint8Array());
  // An interceptor or a transform has replaced the stream, or a mock gives an object. Taken for an empty body, it would be lost unnoticed.
  if (!(whole instanceof Uint8Array))
    throw new StreamFailedError('not-a-stream', `The body of the response is no stream: ${kindOf(body)}.`);
  const given = [whole];
  return {
    next: () => {
      const value = given.pop();
      return Promise.resolve(value ? { value } : { done: true });
    },
    stop: () => undefined,
  };
}

function isWebStream(body: unknown): body is ReadableStream<Uint8Array> {
  return typeof (body as Partial<ReadableStream> | null | undefined)?.getReader === 'function';
}

type NodeStream = AsyncIterable<Uint8Array> & { readonly destroy?: () => unknown };

function isNodeStream(body: unknown): body is NodeStream {
  return typeof (body as Partial<NodeStream> | null | undefined)?.[Symbol.asyncIterator] === 'function';
}
