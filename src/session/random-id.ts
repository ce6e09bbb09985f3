/** Returns a random identifier that is not secret. Not by `crypto.randomUUID`, which pages served over plain HTTP do not have. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) => part.toString(36)).join('');
}
