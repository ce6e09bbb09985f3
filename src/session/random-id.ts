/** A random identifier that is no secret. `crypto.randomUUID` would be missing on pages that are served over plain HTTP. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) => part.toString(36)).join('');
}
