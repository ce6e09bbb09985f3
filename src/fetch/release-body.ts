/** Frees the connection of a response that nobody will read. */
export function releaseBody({ body }: Response): void {
  body?.cancel().catch(() => undefined);
}
