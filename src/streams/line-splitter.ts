/**
 * Splits text that arrives in pieces into lines. It keeps an unfinished line as a list of pieces: to append each piece to a string and
 * search the whole string again would take time quadratic in the length of the line.
 */
export class LineSplitter {
  readonly #lineEnd: RegExp;
  #pieces: string[] = [];
  #endedWithReturn = false;

  /** @param lineEnd - a global expression that matches one character; `\r\n` is one line end if it matches both */
  constructor(lineEnd: RegExp) {
    this.#lineEnd = new RegExp(lineEnd, 'g');
  }

  /**
   * Yields the lines that this text completes. A line that ends with `\r` is yielded at once; if the next piece begins with `\n`, the
   * `\n` is skipped.
   */
  *push(text: string): Generator<string, void> {
    const lineEnd = this.#lineEnd;
    let start = 0;
    if (this.#endedWithReturn && text.startsWith('\n')) start = 1;
    if (text !== '') this.#endedWithReturn = false;
    lineEnd.lastIndex = start;
    for (let found = lineEnd.exec(text); found; found = lineEnd.exec(text)) {
      const line = text.slice(start, found.index);
      start = found.index + 1;
      if (found[0] === '\r') {
        if (text[start] === '\n') start += 1;
        else this.#endedWithReturn = start === text.length;
      }
      lineEnd.lastIndex = start;
      yield this.#finish(line);
    }
    if (start < text.length) this.#pieces.push(text.slice(start));
  }

  /** Returns the text after the last line end; empty if there is none. */
  rest(): string {
    return this.#finish('');
  }

  #finish(end: string): string {
    if (this.#pieces.length === 0) return end;
    const line = this.#pieces.join('') + end;
    this.#pieces = [];
    return line;
  }
}
