import { bytesOfChunk } from './wire-body.ts';

/** One event as a server sends it. A string or bytes are sent as they are, so that a test can send half an event. */
export type SentEvent =
  | string
  | Uint8Array
  | {
      /** The data. A string is sent as it is, line by line; anything else as JSON. */
      readonly data?: unknown;
      /** The name of the event; without one, clients call it `message`. */
      readonly event?: string;
      /** The id, which clients send as `Last-Event-ID` when they connect again. */
      readonly id?: string;
      /** How long clients are to wait before they connect again, in milliseconds. */
      readonly retry?: number;
    };

type Sink = ReadableStreamDefaultController<Uint8Array>;

/** The body of a response that a test sends piece by piece. Each chunk is delivered when the client asks for one. */
export class StreamedBody {
  readonly stream: ReadableStream<Uint8Array>;
  #sink: Sink | undefined;
  readonly #chunks: Uint8Array[] = [];
  /** How many of the chunks the client has received. They are not removed: `shift()` of a long list moves all of it. */
  #given = 0;
  /** What follows the last chunk; `undefined` while more may come. */
  #finish: ((sink: Sink) => void) | undefined;
  #isRead = false;
  /** Whether the client has asked for a chunk and has not received it yet. It asks only when it has handled the chunk before. */
  #isAskedFor = false;

  constructor() {
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (sink) => {
          this.#sink = sink;
        },
        pull: () => {
          this.#isRead = this.#isAskedFor = true;
          this.#give();
        },
        cancel: () => {
          this.#sink = undefined;
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Whether the client has begun to read, and has not handled yet all chunks that were sent. */
  get isBusy(): boolean {
    return this.#sink !== undefined && this.#isRead && !this.#isAskedFor;
  }

  push(chunk: string | Uint8Array): void {
    const bytes = bytesOfChunk(chunk);
    // Leave out a chunk of no bytes: a real connection never delivers one.
    if (bytes.length > 0) this.#chunks.push(bytes);
    this.#give();
  }
  end(): void {
    this.#finish = (sink) => {
      sink.close();
    };
    this.#give();
  }
  /** Fails after the client has received all chunks that were sent before. */
  fail(error: unknown): void {
    this.#finish = (sink) => {
      sink.error(error);
    };
    this.#give();
  }
  /** Fails at once, and drops the chunks that the client has not received yet. */
  abort(error: unknown): void {
    this.#sink?.error(error);
    this.#sink = undefined;
  }

  #give(): void {
    const sink = this.#sink;
    if (!sink) return;
    const chunk = this.#isAskedFor ? this.#chunks[this.#given] : undefined;
    if (chunk) {
      this.#given += 1;
      this.#isAskedFor = false;
      sink.enqueue(chunk);
    } else if (this.#finish && this.#given === this.#chunks.length && (this.#isAskedFor || !this.#isRead)) {
      this.#sink = undefined;
      this.#finish(sink);
    }
  }
}

/**
 * Writes an event as `text/event-stream`.
 *
 * @see WHATWG HTML, section 9.2.5 "Parsing an event stream"
 */
export function eventText(event: SentEvent): string | Uint8Array {
  if (typeof event === 'string' || ArrayBuffer.isView(event)) return event;
  const { event: name, data, id, retry } = event;
  const text = data === undefined || typeof data === 'string' ? data : JSON.stringify(data);
  const fields = [
    ...Object.entries({ event: name, id, retry }).flatMap(([field, value]) =>
      value === undefined ? [] : [`${field}: ${value}`],
    ),
    ...(text === undefined ? [] : text.split(/\r\n|\r|\n/).map((line) => `data: ${line}`)),
  ];
  return `${fields.join('\n')}\n\n`;
}
