/** Whether a body can be read only once: web streams, Node's streams (the `form-data` package's forms are some), async iterables. */
export function isOneShot(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  return 'pipe' in data || 'getReader' in data || Symbol.asyncIterator in data;
}
