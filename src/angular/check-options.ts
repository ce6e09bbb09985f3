import { InjectionToken } from '@angular/core';
import { assertKnownOptions, assertOption } from '../session/internal.ts';

/**
 * Checks the names of the options, and that the option which names a token is an `InjectionToken`: any other value would fail only when
 * the first request or navigation injects it.
 *
 * @param tokenName - the name of the option that takes an `InjectionToken`
 * @throws InvalidInputError if its value is no `InjectionToken`, or (in development) for an unknown option
 */
export function checkOptions<N extends string>(
  where: string,
  options: Readonly<Partial<Record<N, unknown>>>,
  tokenName: N,
  others: readonly string[] = [],
): void {
  assertKnownOptions(where, options, [tokenName, ...others]);
  const token: unknown = options[tokenName];
  assertOption(where, tokenName, token, token instanceof InjectionToken, 'an InjectionToken');
}
