import { asyncScheduler, Observable } from 'rxjs';
import { isWebStream } from '../http/internal.ts';
import { StreamFailedError } from '../session/index.ts';
import { kindOf } from '../session/internal.ts';
import { endOfTurn } from './end-of-turn.ts';

/** How long values are emitted before other tasks of the event loop may run, in milliseconds. */
const LONGEST_TURN_MS = 8;

/** Parses a body into values. */
export interface BodyParser<T> {
  /** Returns the values that these bytes complete. */
  push(bytes: Uint8Array): Iterable<T>;
  /** Is called when the values of a chunk have been emitted. */
  emitted?(): void;
  /** Returns the values that the end of the body completes. */
  finish?(): Iterable<T>;
}

/**
 * Reads a streamed body and emits the values that the parser returns for each chunk; unsubscribing stops reading. Nothing is read
 * while `next` runs, so a slow synchronous subscriber slows the server down.
 *
 * A body that arrives without a pause is read in microtasks, which block timers, input and painting. Therefore, reading pauses at least
 * every `LONGEST_TURN_MS` until other tasks of the event loop have run.
 *
 * @param body - a web stream, a Node stream, or the text or bytes that a mock returns instead
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
      for (let chunk = await chunks.next(); !chunk.done && !subscriber.closed; chunk = await chunks.next()) {
        await give(parser.push(chunk.value));
        parser.emitted?.();
      }
      // Call `finish` only if the body was read to its end: otherwise the parser would take a part of a line for the whole line.
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
  /** Frees the connection. Unsubscribing from the request does so only for the responses of a client, and not for those of a mock. */
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

type NodeStream = AsyncIterable<Uint8Array> & { readonly destroy?: () => unknown };

function isNodeStream(body: unknown): body is NodeStream {
  return typeof (body as Partial<NodeStream> | null | undefined)?.[Symbol.asyncIterator] === 'function';
}
