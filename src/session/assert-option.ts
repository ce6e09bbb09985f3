import { InvalidInputError } from './errors.ts';
import { kindOf } from './token-set.ts';

/**
 * Refuses an option of the wrong kind, by default one that is no function: at the call, because most options are used late, and a
 * callback in a `try`, where such a value would have no effect. An option that is `undefined` counts as absent.
 *
 * @param where - the call that took the option, such as `createSession()`
 * @throws InvalidInputError that says what is wanted and what was given
 */
export function assertOption(
  where: string,
  name: string,
  value: unknown,
  isRight: boolean = typeof value === 'function',
  wanted = 'a function',
): void {
  if (value === undefined || isRight) return;
  const given = typeof value === 'number' || typeof value === 'boolean' ? String(value) : kindOf(value);
  throw new InvalidInputError(`${where}: ${name} takes ${wanted}; given: ${given}.`);
}
