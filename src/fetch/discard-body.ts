/** Frees the connection of an answer that nobody will read. */
export function discardBody({ body }: Response): void {
  body?.cancel().catch(() => undefined);
}
