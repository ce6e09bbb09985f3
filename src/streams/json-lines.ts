import { StreamFailedError } from '../session/index.ts';
import { LineSplitter } from './line-splitter.ts';

/** The character before each text of a JSON text sequence (RFC 7464). */
const RECORD_SEPARATOR = '\x1e';

/** Parses each line of a body as JSON. */
export class JsonLines<T> {
  // Do not set `ignoreBOM`, which would keep a byte order mark at the start: `JSON.parse` would fail.
  readonly #decoder = new TextDecoder();
  readonly #lines = new LineSplitter(false);
  #number = 0;

  *push(bytes: Uint8Array): Generator<T, void> {
    for (const line of this.#lines.push(this.#decoder.decode(bytes, { stream: true }))) yield* this.#read(line);
  }

  /** Parses the last line, which need not end with a line feed. */
  *finish(): Generator<T, void> {
    for (const line of this.#lines.push(this.#decoder.decode())) yield* this.#read(line);
    yield* this.#read(this.#lines.rest());
  }

  *#read(line: string): Generator<T, void> {
    this.#number += 1;
    const text = line.startsWith(RECORD_SEPARATOR) ? line.slice(1) : line;
    if (text.trim() === '') return;
    yield this.#parse(text);
  }

  #parse(text: string): T {
    try {
      return JSON.parse(text) as T;
    } catch {
      // Replace the `SyntaxError`: its message quotes the text, which may be confidential.
      throw new StreamFailedError('invalid-line', `Line ${this.#number} of the response is no JSON.`, this.#number);
    }
  }
}
