import { StreamFailedError } from '../session/index.ts';
import { LineSplitter } from './line-splitter.ts';

/** The character before each text of a JSON text sequence (RFC 7464). */
const RECORD_SEPARATOR = '\x1e';

/** Parses a body of JSON: each line is a value, or each text of a sequence, which may have several lines. */
export class JsonLines<T> {
  // Do not set `ignoreBOM`, which would keep a byte order mark at the start: `JSON.parse` would fail.
  readonly #decoder = new TextDecoder();
  readonly #lines = new LineSplitter(false);
  #number = 0;
  #isFinished = false;
  /** The lines of a text of a sequence that is not complete yet; `undefined` outside a text. */
  #text: string | undefined;
  /** The number of the first line of that text. */
  #textNumber = 0;
  /** The value of a line that also ended the text before it, whose value `next` has returned. */
  #second: T | undefined;

  push(bytes: Uint8Array): void {
    this.#lines.push(this.#decoder.decode(bytes, { stream: true }));
  }

  /** Ends the last line, which need not end with a line feed. */
  finish(): void {
    this.#isFinished = true;
    this.#lines.push(`${this.#decoder.decode()}\n`);
  }

  /** Returns the next value; `undefined`, which no JSON stands for, if there is none yet. */
  next(): T | undefined {
    const second = this.#second;
    this.#second = undefined;
    if (second !== undefined) return second;
    while (this.#lines.next()) {
      this.#number += 1;
      const line = this.#lines.text();
      const value = line.startsWith(RECORD_SEPARATOR) ? this.#beginText(line.slice(1)) : this.#goOn(line);
      if (value !== undefined) return value;
    }
    return this.#isFinished ? this.#endText() : undefined;
  }

  #beginText(line: string): T | undefined {
    const former = this.#endText();
    this.#textNumber = this.#number;
    const value = this.#tryText(line);
    if (former === undefined) return value;
    this.#second = value;
    return former;
  }

  /** Returns the value of a text after which another one begins, or the body ends. */
  #endText(): T | undefined {
    const text = this.#text ?? '';
    this.#text = undefined;
    return text.trim() === '' ? undefined : (parse(text, this.#textNumber) as T);
  }

  #goOn(line: string): T | undefined {
    if (this.#text === undefined) return line.trim() === '' ? undefined : (parse(line, this.#number) as T);
    const text = `${this.#text}\n${line}`;
    // To try each line would take time quadratic in the length of a text. Only such a line completes a text of several lines as
    // JSON.stringify() indents it; any other text is complete when the next one begins.
    if (/^[}\]]/.test(line)) return this.#tryText(text);
    this.#text = text;
    return undefined;
  }

  /** Returns the value of the text if it is complete; otherwise keeps the text. */
  #tryText(text: string): T | undefined {
    this.#text = text;
    try {
      const value = JSON.parse(text) as T;
      this.#text = undefined;
      return value;
    } catch {
      return undefined;
    }
  }
}

function parse(text: string, line: number): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Replace the `SyntaxError`: its message quotes the text, which may be confidential.
    throw new StreamFailedError('invalid-line', `Line ${line} of the response is no JSON.`, line);
  }
}
