/**
 * Frees the connection of a response that nobody will read. The body of node-fetch is a stream of Node, which has `destroy()` in place of
 * `cancel()`.
 */
export function releaseBody({ body }: Response): void {
  const stream = body as Partial<Pick<ReadableStream, 'cancel'> & { destroy(): unknown }> | null;
  if (typeof stream?.cancel === 'function') stream.cancel().catch(() => undefined);
  else stream?.destroy?.();
}
