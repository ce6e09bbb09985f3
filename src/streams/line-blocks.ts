/**
 * Cuts text that arrives in pieces into blocks of complete lines, so that a parser searches each block from one line end to the next and
 * needs no copy of a line to find its end.
 */
export class LineBlocks {
  readonly #endsWithReturn: boolean;
  /**
   * The pieces of a line whose end has not arrived. They are joined when it arrives: to append each piece to a string and search the whole
   * string again would take time quadratic in the length of the line.
   */
  #unfinished: string[] = [];
  /** Whether the last piece ended with `\r`, which has ended its line. If the next piece begins with `\n`, that belongs to the same end. */
  #skipsLineFeed = false;

  /** @param endsWithReturn - whether `\r` and `\r\n` end a line as well as `\n` does */
  constructor(endsWithReturn: boolean) {
    this.#endsWithReturn = endsWithReturn;
  }

  /** Takes the next piece. Returns the lines that it completes, each with `\n` as its end; an empty string if it completes none. */
  push(piece: string): string {
    const hasReturn = this.#endsWithReturn && (this.#skipsLineFeed || piece.includes('\r'));
    const text = hasReturn ? this.#withoutReturns(piece) : piece;
    const end = text.lastIndexOf('\n') + 1;
    if (end === 0) {
      if (text !== '') this.#unfinished.push(text);
      return '';
    }
    const block = this.#unfinished.join('') + text.slice(0, end);
    this.#unfinished = end < text.length ? [text.slice(end)] : [];
    return block;
  }

  /** Replaces each line end by `\n`. */
  #withoutReturns(piece: string): string {
    if (piece === '') return piece;
    const text = this.#skipsLineFeed && piece.startsWith('\n') ? piece.slice(1) : piece;
    this.#skipsLineFeed = text.endsWith('\r');
    return text.replaceAll(/\r\n?/g, '\n');
  }
}
