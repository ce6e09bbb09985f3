import { InvalidInputError } from './invalid-input-error.ts';
import { kindOf } from './token-set.ts';

/**
 * Throws if an option has the wrong kind; an option that is `undefined` counts as absent. Must run at the call that takes the option: a
 * wrong value would otherwise show much later, when it is used, or never, because many callbacks are called in a `try`.
 *
 * @param where - the call that took the option, such as `createSession()`
 * @param isRight - whether the value has the right kind; by default, whether it is a function
 * @param wanted - the right kind, for the message
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
