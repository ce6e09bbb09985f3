import { LineSplitter } from './line-splitter.ts';

/** One server-sent event. */
export interface ServerSentEvent<T = string> {
  /** The name of the event; `'message'` if the server gave none. */
  readonly type: string;
  /** The data: its lines joined by `\n`, or what `parse` has made of them. */
  readonly data: T;
  /** The last id that the server gave, in this or an earlier event; empty if there was none. */
  readonly lastEventId: string;
}

/** What is kept from one connection to the next. */
export interface StreamPosition {
  /** What the next connection sends as `Last-Event-ID`; empty for none. */
  lastEventId: string;
  /** How long to wait before the next connection, in milliseconds. */
  retryMs: number;
}

const decimal = /^\d+$/;

/**
 * Reads `text/event-stream` as the standard says. The encoding is always UTF-8, and a byte order mark is left out once, at the start.
 *
 * @see WHATWG HTML, section 9.2.6 "Interpreting an event stream"
 */
export class EventParser {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #lines = new LineSplitter(/[\r\n]/);
  #isAtStart = true;
  #type = '';
  #data: string[] = [];
  /** The id of the event that is being read. It counts once the event's empty line has come. */
  #id: string;

  readonly #position: StreamPosition;

  /** @param position - is kept up to date. The id of the former connection stays in force until the server gives another. */
  constructor(position: StreamPosition) {
    this.#position = position;
    this.#id = position.lastEventId;
  }

  /** The events that these bytes complete. Once a stream has ended, an unfinished event is not given. */
  *push(bytes: Uint8Array): Generator<ServerSentEvent, void> {
    let text = this.#decoder.decode(bytes, { stream: true });
    if (this.#isAtStart && text !== '') {
      this.#isAtStart = false;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    for (const line of this.#lines.push(text)) {
      if (line !== '') this.#readField(line);
      else {
        const event = this.#finishEvent();
        if (event) yield event;
      }
    }
  }

  #readField(line: string): void {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#type = value;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && decimal.test(value)) this.#position.retryMs = Number(value);
  }

  #finishEvent(): ServerSentEvent | undefined {
    const [type, data] = [this.#type, this.#data];
    this.#position.lastEventId = this.#id;
    this.#type = '';
    this.#data = [];
    if (data.length === 0) return undefined;
    return { type: type || 'message', data: data.join('\n'), lastEventId: this.#id };
  }
}
