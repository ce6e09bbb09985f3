import type { BodyParser } from '../../src/streams/read-body.ts';

/** Pushes the chunks one after the other and returns the values that they complete. */
export function parsed<T>(parser: BodyParser<T>, chunks: readonly Uint8Array[]): T[] {
  return chunks.flatMap((chunk) => {
    parser.push(chunk);
    return left(parser);
  });
}

/** Returns the values that the parser has left. */
export function left<T>(parser: BodyParser<T>): T[] {
  const values: T[] = [];
  for (let value = parser.next(); value !== undefined; value = parser.next()) values.push(value);
  return values;
}
