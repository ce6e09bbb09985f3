/**
 * Frees the connection of a response that nobody will read. Cancels a web stream, and destroys a stream of Node: the bodies of axios and of
 * node-fetch, which have no `cancel()`. Never throws.
 *
 * @param reason - what the source of a web stream is told
 */
export function freeBody(body: unknown, reason?: unknown): void {
  const stream = body as { destroy?: () => unknown; cancel?: (reason: unknown) => unknown } | null | undefined;
  try {
    Promise.resolve(stream?.destroy ? stream.destroy() : stream?.cancel?.(reason)).catch(() => undefined);
  } catch {
    // The `destroy` or `cancel` of this body threw: it is not a stream but an object of the app. There is nothing to free.
  }
}
