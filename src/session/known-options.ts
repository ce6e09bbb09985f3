import { InvalidInputError } from './invalid-input-error.ts';
import { kindOf } from './token-set.ts';

declare const process: { readonly env: { readonly NODE_ENV?: string } };

/**
 * Whether this is not a production build. The expression must be written in full, because bundlers replace
 * `process.env.NODE_ENV` as text; a page without a bundler has no `process`, and counts as development.
 */
export function isDevelopment(): boolean {
  try {
    return process.env.NODE_ENV !== 'production';
  } catch {
    return true;
  }
}

/**
 * Copies options to an object without a prototype. Otherwise, an option that is not given would be read from a polluted
 * `Object.prototype`, and a polluted `codec`, `storage` or `fetch` would receive tokens.
 */
export function ownOptions<O extends object>(options: O): O {
  return Object.assign(Object.create(null) as O, options);
}

/** @throws InvalidInputError for options that are no object */
export function assertOptions(where: string, options: unknown): void {
  if (typeof options !== 'object' || options === null)
    throw new InvalidInputError(`${where} takes options, as an object; given: ${kindOf(options)}.`);
}

/**
 * Throws for options that are no object, and in development for unknown ones: most are misspelt, and would be ignored without an error.
 *
 * @param where - the call that took the options, such as `createSession()`
 * @throws InvalidInputError that says what was given, or names the unknown and the known options
 */
export function assertKnownOptions(where: string, options: object, known: readonly string[]): void {
  assertOptions(where, options);
  const unknown = Object.keys(options).filter((key) => !known.includes(key));
  if (unknown.length > 0 && isDevelopment()) {
    throw new InvalidInputError(`${where} knows no ${unknown.join(', ')}. It takes: ${known.join(', ')}.`);
  }
}
