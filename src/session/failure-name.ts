import { isSluiceError } from './errors.ts';
import { readProperty } from './read-property.ts';

/**
 * What may be told of a failure. An error of Sluice's own quotes nothing; of any other only the kind is told, since a message may
 * quote what a store holds, as that of `JSON.parse` does. Never throws: an error may have getters that do.
 */
export function failureName(error: unknown): string {
  const name = readProperty(error, isSluiceError(error) ? 'message' : 'name');
  return typeof name === 'string' && name !== '' ? name : typeof error;
}
