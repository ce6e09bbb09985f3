import { assertKnownOptions, assertOption } from '../session/internal.ts';

/** Whether the value of an option is right, and, for the message, which values it takes. `[]` for a function, which `assertOption` expects by default. */
type Rule = readonly [isRight?: boolean, wanted?: string];

/**
 * Checks the options of a call.
 *
 * @param rules - the rule of each option, by its name
 * @throws InvalidInputError for an option of the wrong kind, or (in development) one that has no rule
 */
export function checkOptions<O extends object>(call: string, options: O, rules: Readonly<Record<keyof O, Rule>>): void {
  assertKnownOptions(call, options, Object.keys(rules));
  for (const name of Object.keys(rules) as (keyof O & string)[]) {
    const [isRight, wanted] = rules[name];
    assertOption(call, name, options[name], isRight, wanted);
  }
}
