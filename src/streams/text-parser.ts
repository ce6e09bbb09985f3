import type { BodyParser } from './read-body.ts';

/** Decodes a body of UTF-8 into pieces of text, none of which ends within a character. */
export function textParser(): BodyParser<string> {
  const decoder = new TextDecoder();
  let piece = '';
  return {
    push(bytes) {
      piece = decoder.decode(bytes, { stream: true });
    },
    finish() {
      piece = decoder.decode();
    },
    next() {
      const given = piece;
      piece = '';
      return given === '' ? undefined : given;
    },
  };
}
