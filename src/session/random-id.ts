/** Returns a random identifier that is not secret. `crypto.randomUUID` is missing in pages that are served over plain HTTP. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) => part.toString(36)).join('');
}
