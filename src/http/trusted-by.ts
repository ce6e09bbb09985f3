import type { AxiosInstance } from 'axios';
import { InvalidInputError } from '../session/index.ts';
import { readProperty } from '../session/internal.ts';
import { isResolvable, trustedOrigins, type TrustedOrigins } from './trusted-origins.ts';

/**
 * Returns the origins that may see a session's token through an instance: that of its base URL, which is looked up for each request, and
 * those listed.
 *
 * @param what - the function that was given the session, for the message; `undefined` without a session, which needs no such origins
 * @throws InvalidInputError if there are no such origins, because no request would ever carry the token
 */
export function trustedBy(
  instance: Pick<AxiosInstance, 'defaults'>,
  listed: readonly string[] | undefined,
  what: string | undefined,
): TrustedOrigins {
  // `axios.defaults` inherits from `Object.prototype`, where a polluted `baseURL` would become trusted.
  const baseURL = (): string | undefined => readProperty(instance.defaults, 'baseURL') as string | undefined;
  const trusted = trustedOrigins(baseURL, listed);
  if (what && !listed?.length && !isResolvable('', baseURL())) {
    throw new InvalidInputError(
      `${what} needs a baseURL or trustedOrigins: they say who may see the tokens of the session; the baseURL is ${JSON.stringify(baseURL())}.`,
    );
  }
  return trusted;
}
