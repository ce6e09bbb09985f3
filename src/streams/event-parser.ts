import { LineSplitter } from './line-splitter.ts';

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
  readonly #lines = new LineSplitter(true);
  #isAtStart = true;
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

  /**
   * Returns the events that these bytes complete. An event that is unfinished when the stream ends is discarded, as the standard says. They
   * are a list, because a generator takes longer to give an event than the parser to read it.
   */
  push(bytes: Uint8Array): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    let text = this.#decoder.decode(bytes, { stream: true });
    if (this.#isAtStart && text !== '') {
      this.#isAtStart = false;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    for (const line of this.#lines.push(text)) {
      if (line !== '') this.#readField(line);
      else {
        const event = this.#finishEvent();
        if (event) events.push(event);
      }
    }
    return events;
  }

  #readField(line: string): void {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    else if (name === 'event') this.#type = value;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && decimal.test(value)) this.#position.retryMs = Number(value);
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
