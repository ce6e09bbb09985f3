import { LineBlocks } from './line-blocks.ts';

/** One server-sent event. */
export interface ServerSentEvent<T = string> {
  /** The name of the event; `'message'` if the server gave none. */
  readonly type: string;
  /** The data: its lines joined by `\n`, or the value that `parse` returned for that text. */
  readonly data: T;
  /** The last id that the server gave, in this or an earlier event; empty if there was none. */
  readonly lastEventId: string;
}

/** The state that a stream keeps from one connection to the next. */
export interface StreamPosition {
  /** The `Last-Event-ID` that the next connection sends; if it is empty, none is sent. */
  lastEventId: string;
  /** How long to wait before the next connection, in milliseconds. */
  retryMs: number;
}

const decimal = /^\d+$/;

/**
 * Parses `text/event-stream` as the standard specifies. The encoding is always UTF-8. Of byte order marks only one, at the start, is
 * removed.
 *
 * @see WHATWG HTML, section 9.2.6 "Interpreting an event stream"
 */
export class EventParser {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #lines = new LineBlocks(true);
  /** The complete lines of the last `push`, each with `\n` as its end, and where the next of them starts. */
  #block = '';
  #at = 0;
  #isAtStart = true;
  /** Whether the stream has contained U+0000, which no id may contain. Until then ids are not searched for it, which saves time. */
  #hasNull = false;
  #type = '';
  /** The lines of `data` so far; `undefined` if there was none. */
  #data: string | undefined;
  /** The id of the event that is being read. It becomes the last event id when the empty line that ends the event arrives. */
  #id: string;

  readonly #position: StreamPosition;

  /** @param position - the parser updates it. The last id of the previous connection stays until the server sends another. */
  constructor(position: StreamPosition) {
    this.#position = position;
    this.#id = position.lastEventId;
  }

  /** Takes the next bytes. Before the next `push`, call `next` until it returns `undefined`: otherwise events would be lost. */
  push(bytes: Uint8Array): void {
    let text = this.#decoder.decode(bytes, { stream: true });
    if (this.#isAtStart && text !== '') {
      this.#isAtStart = false;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    this.#hasNull ||= text.includes('\0');
    this.#block = this.#lines.push(text);
    this.#at = 0;
  }

  /**
   * Returns the next event that the bytes complete; `undefined` if there is none yet. An event that is unfinished when the stream ends is
   * discarded, as the standard says.
   */
  next(): ServerSentEvent | undefined {
    const block = this.#block;
    let event: ServerSentEvent | undefined;
    let at = this.#at;
    while (at < block.length && !event) {
      // In an event stream every second or third line is empty. To look at one character takes less time than `indexOf`.
      const end = block.charCodeAt(at) === LINE_FEED ? at : block.indexOf('\n', at);
      if (at < end) this.#readLine(block, at, end);
      else event = this.#finishEvent();
      at = end + 1;
    }
    this.#at = at;
    return event;
  }

  #readLine(source: string, start: number, end: number): void {
    // Nearly all lines are `data` and `id`. To compare characters takes less time than to cut the name out of the line.
    if (isData(source, start)) this.#addData(valueAt(source, start + 5, end));
    else if (isId(source, start)) this.#setId(valueAt(source, start + 3, end));
    else {
      const line = source.slice(start, end);
      const colon = line.indexOf(':');
      if (colon < 0) this.#readField(line, '');
      else this.#readField(line.slice(0, colon), valueAt(line, colon + 1, line.length));
    }
  }

  #readField(name: string, value: string): void {
    if (name === 'data') this.#addData(value);
    else if (name === 'event') this.#type = value;
    else if (name === 'id') this.#setId(value);
    else if (name === 'retry' && decimal.test(value)) this.#position.retryMs = Number(value);
  }

  #setId(value: string): void {
    if (!this.#hasNull || !value.includes('\0')) this.#id = value;
  }

  #addData(value: string): void {
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
  }

  #finishEvent(): ServerSentEvent | undefined {
    const type = this.#type || 'message';
    const data = this.#data;
    this.#position.lastEventId = this.#id;
    this.#type = '';
    this.#data = undefined;
    return data === undefined ? undefined : { type, data, lastEventId: this.#id };
  }
}

/** Returns the value of a field: the text up to `end`, without the one space that may follow the colon. */
function valueAt(source: string, start: number, end: number): string {
  return source.slice(start < end && source.charCodeAt(start) === SPACE ? start + 1 : start, end);
}

const [A, COLON, D, I, LINE_FEED, SPACE, T] = [97, 58, 100, 105, 10, 32, 116];

/** Returns whether the text at `at` is `data:`. */
function isData(source: string, at: number): boolean {
  return (
    source.charCodeAt(at) === D &&
    source.charCodeAt(at + 1) === A &&
    source.charCodeAt(at + 2) === T &&
    source.charCodeAt(at + 3) === A &&
    source.charCodeAt(at + 4) === COLON
  );
}

/** Returns whether the text at `at` is `id:`. */
function isId(source: string, at: number): boolean {
  return source.charCodeAt(at) === I && source.charCodeAt(at + 1) === D && source.charCodeAt(at + 2) === COLON;
}
