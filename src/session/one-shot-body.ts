/** Whether a body can be read only once: a web stream, a Node stream (forms of the `form-data` package among them), an async iterable. */
export function isOneShot(data: unknown): data is object {
  if (typeof data !== 'object' || data === null) return false;
  return 'pipe' in data || 'getReader' in data || Symbol.asyncIterator in data;
}
