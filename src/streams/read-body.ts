import { Observable, type Subscriber } from 'rxjs';
import { isWebStream } from '../http/internal.ts';
import { StreamFailedError } from '../session/index.ts';
import { kindOf } from '../session/internal.ts';
import { endOfTurn } from './end-of-turn.ts';
import { Turn } from './turn.ts';

/** Parses a body into values. */
export interface BodyParser<T> {
  /** Takes the next bytes. It is called when `next` has returned `undefined`. */
  push(bytes: Uint8Array): void;
  /** Returns the next value that the bytes complete; `undefined` if there is none. */
  next(): T | undefined;
  /** Is called at the end of the body, which may complete values. */
  finish?(): void;
}

/** Functions that `readBody` calls while it reads a body. */
export interface ChunkListener {
  /** Is called before the values of a chunk, or those that the end of the body completes, are emitted. */
  arrived(): void;
  /** Is called when the values of a chunk have been emitted. */
  emitted(): void;
  /** Is called when the body cannot be read to its end. Returns the error that the subscriber gets. */
  failed(cause: unknown): unknown;
}

/**
 * Reads a streamed body and emits the values that the parser finds in it; unsubscribing stops reading. Nothing is read while a value is
 * emitted, so a slow synchronous subscriber slows the server down.
 *
 * A body that arrives without a pause is read in microtasks, which block timers, input and painting. Therefore, reading and emitting pause
 * after each turn of some milliseconds (`Turn`) until other tasks of the event loop have run.
 *
 * @param body - a web stream, a Node stream, or the text or bytes that a mock returns instead
 * @returns an Observable that emits one function for the values of one chunk, or of one turn if the turn ends within the chunk. Make
 *   single values of them by `emitValues` as late as possible in the pipe: an operator that comes after it runs for each value, and one
 *   that comes before it runs once for each chunk.
 */
export function readBody<T>(body: unknown, parser: BodyParser<T>, listener: ChunkListener): Observable<Values<T>> {
  return new Observable((subscriber) => {
    const chunks = chunksOf(body);
    const turn = new Turn();
    const endTurn = async (): Promise<void> => {
      await endOfTurn();
      turn.begin();
    };
    const give = async (): Promise<void> => {
      for (let value = parser.next(); value !== undefined && !subscriber.closed; value = parser.next()) {
        subscriber.next(restOfTurn(turn, value, parser));
        if (turn.isOver) await endTurn();
      }
    };
    const nextChunk = (): Promise<Chunk> =>
      chunks.next().catch((cause: unknown) => {
        throw listener.failed(cause);
      });
    const read = async (): Promise<void> => {
      for (let chunk = await nextChunk(); !chunk.done && !subscriber.closed; chunk = await nextChunk()) {
        listener.arrived();
        parser.push(typeof chunk.value === 'string' ? new TextEncoder().encode(chunk.value) : chunk.value);
        await give();
        listener.emitted();
        // Check the time after each chunk, not only after each value: chunks of comments or of one long line complete no value, and a body
        // of such chunks would block other tasks.
        turn.look();
        if (turn.isOver) await endTurn();
      }
      if (subscriber.closed) return;
      // Call `finish` only if the body was read to its end: otherwise the parser would take a part of a line for the whole line.
      listener.arrived();
      parser.finish?.();
      await give();
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

/** Emits the values of one turn to a subscriber. Throws if the parser does. */
export type Values<T> = (subscriber: Subscriber<T>) => void;

/**
 * Emits the single values. It does not use inner Observables and `concatAll()`, whose subscribers would take a tenth of the time of each
 * value.
 */
export function emitValues<T>(turns$: Observable<Values<T>>): Observable<T> {
  return new Observable((subscriber) =>
    turns$.subscribe({
      next: (emit) => {
        try {
          emit(subscriber);
        } catch (error) {
          subscriber.error(error);
        }
      },
      error: (error: unknown) => {
        subscriber.error(error);
      },
      complete: () => {
        subscriber.complete();
      },
    }),
  );
}

/** Returns a function that emits `first` and the values after it, until the parser has no more or this turn of some milliseconds is over. */
function restOfTurn<T>(turn: Turn, first: T, parser: BodyParser<T>): Values<T> {
  return (subscriber) => {
    let value: T | undefined = first;
    do {
      subscriber.next(value);
      turn.count();
      value = turn.isOver || subscriber.closed ? undefined : parser.next();
    } while (value !== undefined);
  };
}

/** A chunk is text if a transform of the app has decoded the body, or a mock stands in for the server. */
type Chunk =
  { readonly done?: false; readonly value: Uint8Array | string } | { readonly done: true; readonly value?: unknown };

interface Chunks {
  next(): Promise<Chunk>;
  /** Stops reading and frees the connection. If a mock stands in for the client, unsubscribing from its response would not do so. */
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
  const whole = body ?? '';
  // An interceptor or a transform has replaced the stream, or a mock returns an object. Do not treat that as an empty body: the data would
  // be lost unnoticed.
  if (typeof whole !== 'string' && !(whole instanceof Uint8Array))
    throw new StreamFailedError('not-a-stream', `The response body is no stream: ${kindOf(body)}.`);
  const given = [whole];
  return {
    next: () => {
      const value = given.pop();
      return Promise.resolve(value ? { value } : { done: true });
    },
    stop: () => undefined,
  };
}

/** Whether a body is a web stream or a Node stream. */
export function isStream(body: unknown): boolean {
  return isWebStream(body) || isNodeStream(body);
}

type NodeStream = AsyncIterable<Uint8Array> & { readonly destroy?: () => unknown };

function isNodeStream(body: unknown): body is NodeStream {
  return typeof (body as Partial<NodeStream> | null | undefined)?.[Symbol.asyncIterator] === 'function';
}
