import { isSluiceError } from './errors.ts';
import { readProperty } from './read-property.ts';

/**
 * Returns what an event may say about an error: for an error of Sluice its message, which quotes no value; for any other error only its
 * name and code, such as `Error: ECONNREFUSED`, because its message may quote tokens, as the message of a `JSON.parse` error does. Never
 * throws, even if the error has getters that throw.
 */
export function failureName(error: unknown): string {
  const name = readProperty(error, isSluiceError(error) ? 'message' : 'name');
  const code = readProperty(error, 'code');
  const known = typeof name === 'string' && name !== '' ? name : typeof error;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code) ? `${known}: ${code}` : known;
}
