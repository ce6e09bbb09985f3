import { StreamFailedError } from '../session/index.ts';
import { LineBlocks } from './line-blocks.ts';

/** The character before each text of a JSON text sequence (RFC 7464). */
const RECORD_SEPARATOR = '\x1e';

/** How many characters of a text are parsed in vain, in addition to its length, before it is parsed only when it is known to be complete. */
const MOST_IN_VAIN = 65_536;

/**
 * Parses a body of JSON values: one in each line, or, in a JSON text sequence (RFC 7464), one in each text that begins with a record
 * separator. Such a text may have several lines.
 */
export class JsonLines<T> {
  // Do not set `ignoreBOM`, which would keep a byte order mark at the start: `JSON.parse` would fail.
  readonly #decoder = new TextDecoder();
  readonly #lines = new LineBlocks(false);
  /** The complete lines of the last `push`, each with `\n` as its end, and where the next of them starts. */
  #block = '';
  #at = 0;
  /** The number of the current line, and where it ends. */
  #number = 0;
  #lineEnd = 0;
  /** Whether the body has contained a record separator. Until then lines are not searched for it, which saves time. */
  #hasSeparator = false;
  #isFinished = false;
  /** The lines so far of a text that is not complete; `undefined` if no text has begun since the last one was complete. */
  #text: string | undefined;
  /** The number of the line at which the text in `#text` began. */
  #textNumber = 0;
  /** How many characters of the text in `#text` were parsed in vain. */
  #inVain = 0;
  /** A value that the next call of `next` returns: one line can end a text and hold the whole next one, which makes two values. */
  #second: T | undefined;

  /** Takes the next bytes. Before the next `push`, call `next` until it returns `undefined`: otherwise lines would be lost. */
  push(bytes: Uint8Array): void {
    this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  /** Ends the last line, which need not end with a line feed. */
  finish(): void {
    this.#isFinished = true;
    this.#take(`${this.#decoder.decode()}\n`);
  }

  #take(text: string): void {
    this.#hasSeparator ||= text.includes(RECORD_SEPARATOR);
    this.#block = this.#lines.push(text);
    this.#at = 0;
  }

  /** Returns the next value; `undefined`, which no JSON stands for, if there is none yet. */
  next(): T | undefined {
    const second = this.#second;
    this.#second = undefined;
    if (second !== undefined) return second;
    while (this.#at < this.#block.length) {
      const at = this.#at;
      // Search for the end of a line once, and not at each of its texts: in a sequence without line feeds all texts are one line.
      if (at === 0 || this.#block[at - 1] === '\n') {
        this.#number += 1;
        this.#lineEnd = this.#block.indexOf('\n', at);
      }
      let end = this.#lineEnd;
      let line = this.#block.slice(at, end);
      // Texts need not end with a line feed, and several separators may follow one another: cut the line at each of them.
      const separator = this.#hasSeparator ? line.indexOf(RECORD_SEPARATOR, 1) : -1;
      if (separator > 0) {
        line = line.slice(0, separator);
        end = at + separator - 1;
      }
      this.#at = end + 1;
      const value = line.startsWith(RECORD_SEPARATOR) ? this.#beginText(line.slice(1)) : this.#goOn(line);
      if (value !== undefined) return value;
    }
    return this.#isFinished ? this.#endText() : undefined;
  }

  #beginText(line: string): T | undefined {
    const former = this.#endText();
    this.#textNumber = this.#number;
    this.#inVain = 0;
    const value = this.#tryText(line);
    if (former === undefined) return value;
    this.#second = value;
    return former;
  }

  /** Returns the value of the text in `#text`, if there is one, because another text begins or the body ends. Throws if it is no JSON. */
  #endText(): T | undefined {
    const text = this.#text ?? '';
    this.#text = undefined;
    return text.trim() === '' ? undefined : (parse(text, this.#textNumber) as T);
  }

  #goOn(line: string): T | undefined {
    if (this.#text === undefined) return line.trim() === '' ? undefined : (parse(line, this.#number) as T);
    const text = `${this.#text}\n${line}`;
    // Try to parse only at a line that begins with a closing bracket: to try at each line would take time quadratic in the length of the
    // text. A text that JSON.stringify() has indented ends with such a line; any other is complete when the next text begins. In a text
    // that has line feeds and no indentation many lines begin so: limit what is parsed in vain.
    if (/^[}\]]/.test(line) && this.#inVain < MOST_IN_VAIN + text.length) return this.#tryText(text);
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
      this.#inVain += text.length;
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
