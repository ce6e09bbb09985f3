/** Whether a body can be read only once: a web stream, a Node stream (forms of the `form-data` package among them), an async iterable. */
export function isOneShot(data: unknown): data is object {
  if (typeof data !== 'object' || data === null) return false;
  // Look for functions: an object that is sent as JSON may have a field called `pipe`.
  const { pipe, getReader, [Symbol.asyncIterator]: iterate } = data as Record<PropertyKey, unknown>;
  return [pipe, getReader, iterate].some((method) => typeof method === 'function');
}
