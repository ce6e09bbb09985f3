import type { AxiosInstance } from 'axios';
import { InvalidInputError } from '../session/index.ts';
import { readProperty } from '../session/internal.ts';
import { isResolvable, trustedOrigins, type TrustedOrigins } from './trusted-origins.ts';

/**
 * The origins that may see a session's token through an instance: its base URL's, looked up for each request, and those listed.
 *
 * @param what - `attachSession()`, for the message
 * @throws InvalidInputError if there are none, since then no request of the session would ever carry its token
 */
export function trustedBy(
  instance: Pick<AxiosInstance, 'defaults'>,
  listed: readonly string[] | undefined,
  what: string | undefined,
): TrustedOrigins {
  // The defaults of `axios` itself inherit from `Object.prototype`, which may be polluted.
  const baseURL = (): string | undefined => readProperty(instance.defaults, 'baseURL') as string | undefined;
  const trusted = trustedOrigins(baseURL, listed);
  if (what && !listed?.length && !isResolvable('', baseURL())) {
    throw new InvalidInputError(
      `${what} needs a baseURL or trustedOrigins: they say who may see the tokens of the session.`,
    );
  }
  return trusted;
}
