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

  push(bytes: Uint8Array): void {
    this.#lines.push(this.#decoder.decode(bytes, { stream: true }));
  }

  /** Ends the last line, which need not end with a line feed. */
  finish(): void {
    this.#lines.push(`${this.#decoder.decode()}\n`);
  }

  /** Returns the value of the next line that is not empty; `undefined`, which no JSON stands for, if there is none yet. */
  next(): T | undefined {
    while (this.#lines.next()) {
      this.#number += 1;
      const line = this.#lines.text();
      const text = line.startsWith(RECORD_SEPARATOR) ? line.slice(1) : line;
      if (text.trim() !== '') return this.#parse(text);
    }
    return undefined;
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
