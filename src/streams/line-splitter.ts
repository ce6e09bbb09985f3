const LINE_FEED = 10;

/**
 * Splits text that arrives in pieces into lines. `next` moves to the next complete line, and `source`, `start` and `end` then say where
 * it is: a string for each line would take longer to make than to find its end.
 *
 * It keeps an unfinished line as a list of pieces: to append each piece to a string and search the whole string again would take time
 * quadratic in the length of the line.
 */
export class LineSplitter {
  /** The text that contains the line. */
  source = '';
  /** Where the line starts in `source`. */
  start = 0;
  /** Where the line ends in `source`, without its line end. */
  end = 0;

  readonly #endsWithReturn: boolean;
  #piece = '';
  /** Where the line that `next` will find starts in `#piece`. */
  #from = 0;
  /** Where the next `\n` and the next `\r` are in `#piece`; negative if there is none. */
  #feed = -1;
  #return = -1;
  #unfinished: string[] = [];
  /** Whether `source` is a line that was joined from pieces. Otherwise it is the piece. */
  #isJoined = false;
  #skipsLineFeed = false;

  /** @param endsWithReturn - whether `\r` and `\r\n` end a line as well as `\n` does */
  constructor(endsWithReturn: boolean) {
    this.#endsWithReturn = endsWithReturn;
  }

  /** Takes the next piece. Call it only after `next` has returned `false`: otherwise the rest of the piece before would be lost. */
  push(piece: string): void {
    if (piece === '') return;
    this.#piece = piece;
    this.#setSource(piece, false);
    this.#from = this.#skipsLineFeed && piece.startsWith('\n') ? 1 : 0;
    this.#skipsLineFeed = false;
    this.#feed = piece.indexOf('\n', this.#from);
    this.#return = this.#endsWithReturn ? piece.indexOf('\r', this.#from) : -1;
  }

  /**
   * Moves to the next complete line; returns whether there is one. A line that ends with `\r` is complete at once; if the next piece
   * begins with `\n`, the `\n` is skipped.
   */
  next(): boolean {
    const [piece, from, feed] = [this.#piece, this.#from, this.#feed];
    let end = feed;
    if (this.#return >= 0 && (feed < 0 || this.#return < feed)) end = this.#passReturn(this.#return);
    else if (feed >= 0) {
      this.#from = feed + 1;
      // In an event stream about every second line is empty. To look at one character takes less time than `indexOf`.
      this.#feed = piece.charCodeAt(feed + 1) === LINE_FEED ? feed + 1 : piece.indexOf('\n', feed + 1);
    } else {
      if (from < piece.length) this.#unfinished.push(piece.slice(from));
      this.#from = piece.length;
      return false;
    }
    if (this.#unfinished.length > 0) {
      const line = this.#unfinished.join('') + piece.slice(from, end);
      this.#unfinished = [];
      this.#setSource(line, true);
      this.start = 0;
      this.end = line.length;
    } else {
      // Ask `#isJoined` instead of comparing `source` with `piece`: to compare two strings of equal text takes time for each character.
      if (this.#isJoined) this.#setSource(piece, false);
      this.start = from;
      this.end = end;
    }
    return true;
  }

  /** Returns the line as a string. */
  text(): string {
    return this.source.slice(this.start, this.end);
  }

  /** Passes the `\r` at `end`, and the `\n` behind it if there is one. Returns `end`. */
  #passReturn(end: number): number {
    const piece = this.#piece;
    const isPair = this.#feed === end + 1;
    const from = isPair ? end + 2 : end + 1;
    if (isPair) this.#feed = piece.indexOf('\n', from);
    this.#return = piece.indexOf('\r', from);
    this.#skipsLineFeed = !isPair && from === piece.length;
    this.#from = from;
    return end;
  }

  #setSource(source: string, isJoined: boolean): void {
    this.source = source;
    this.#isJoined = isJoined;
  }
}
