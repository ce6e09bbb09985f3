/**
 * Frees the connection of a response that nobody will read. Cancels a web stream, and destroys a stream of Node: the bodies of axios and of
 * node-fetch, which have no `cancel()`. Never throws.
 */
export function freeBody(body: unknown): void {
  const stream = body as { destroy?: () => unknown; cancel?: () => unknown } | null | undefined;
  try {
    Promise.resolve(stream?.destroy ? stream.destroy() : stream?.cancel?.()).catch(() => undefined);
  } catch {
    // The `destroy` or `cancel` of this body threw: it is not a stream but an object of the app. There is nothing to free.
  }
}
