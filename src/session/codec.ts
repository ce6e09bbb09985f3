/**
 * Seals the tokens of a shared record, for instance by encrypting them; everything else in the record stays readable, so that holders
 * can compare versions without the key. `open(seal(text))` must give `text` again.
 */
export interface Codec {
  seal(text: string): string | PromiseLike<string>;
  /** Throws or rejects for a text that it did not seal; the record then counts as unreadable, and nobody is signed out by it. */
  open(text: string): string | PromiseLike<string>;
}
