/**
 * Splits text that arrives in pieces into lines. It keeps an unfinished line as a list of pieces: to append each piece to a string and
 * search the whole string again would take time quadratic in the length of the line.
 */
export class LineSplitter {
  readonly #endsWithReturn: boolean;
  #pieces: string[] = [];
  #skipsLineFeed = false;

  /** @param endsWithReturn - whether `\r` and `\r\n` end a line as well as `\n` does */
  constructor(endsWithReturn: boolean) {
    this.#endsWithReturn = endsWithReturn;
  }

  /**
   * Returns the lines that this text completes. A line that ends with `\r` is complete at once; if the next piece begins with `\n`, the
   * `\n` is skipped.
   */
  push(text: string): string[] {
    if (text === '') return [];
    const rest = this.#skipsLineFeed && text.startsWith('\n') ? text.slice(1) : text;
    this.#skipsLineFeed = this.#endsWithReturn && text.endsWith('\r');
    // To split by a string is several times as fast as by an expression.
    const lines = rest.split(this.#endsWithReturn && rest.includes('\r') ? /\r\n|[\r\n]/ : '\n');
    const unfinished = lines.pop();
    if (lines[0] !== undefined && this.#pieces.length > 0) lines[0] = this.#finish(lines[0]);
    if (unfinished) this.#pieces.push(unfinished);
    return lines;
  }

  /** Returns the text after the last line end; empty if there is none. */
  rest(): string {
    return this.#finish('');
  }

  #finish(end: string): string {
    const line = this.#pieces.join('') + end;
    this.#pieces = [];
    return line;
  }
}
