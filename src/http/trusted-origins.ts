import type { AxiosRequestConfig } from 'axios';
import { checkedOrigins, originOf, page } from '../session/internal.ts';

/** The origins that may see a token. A request may carry it if its scheme, host and port are those of one of them. */
export interface TrustedOrigins {
  /** Whether a request goes to a trusted origin. */
  trusts(config: AxiosRequestConfig): boolean;
  /** Whether an absolute URL, such as a request's final URL, is of a trusted origin. */
  includes(url: string): boolean;
}

/** Whether axios takes a URL for absolute. It appends any other to the base URL. */
export function isAbsolute(url: string): boolean {
  return /^([a-z][a-z\d+\-.]*:)?\/\//i.test(url);
}

/** Whether a request's URL contains a user name, of which axios's Node adapter makes an `Authorization` header. */
export function hasUserInfo({ url = '', baseURL = '' }: AxiosRequestConfig): boolean {
  return /^([a-z][a-z\d+.-]*:)?\/\/[^/?#\\]*@/i.test(isAbsolute(url) ? url : baseURL);
}

/** Whether a URL can be requested. In Node there is no page to which a relative URL could refer. */
export function isResolvable(url: string, baseURL: string | undefined): boolean {
  return isAbsolute(url) || baseURL === undefined ? originOf(url) !== undefined : originOfBase(baseURL) !== undefined;
}

// The last base URL is kept, because parsing it takes a tenth of the time of a request. A relative base URL means the origin of the page,
// even if a `<base>` element, which markup of somebody else may contain, leads the requests elsewhere: those are not trusted.
let lastBase: { readonly base: string; readonly page: string | undefined; readonly origin: string | undefined } | null =
  null;
function originOfBase(base: string): string | undefined {
  if (lastBase?.base !== base || lastBase.page !== page())
    lastBase = { base, page: page(), origin: originOf(base, page()) };
  return lastBase.origin;
}

/**
 * Makes the list of trusted origins.
 *
 * @param baseURL - returns the base URL of the instance, called for each request; the base URL of a request makes nothing trusted
 * @param listed - further origins, such as `https://files.example.com`
 * @throws InvalidInputError for a listed value that is no origin
 */
export function trustedOrigins(baseURL: () => string | undefined, listed: readonly string[] = []): TrustedOrigins {
  const origins = checkedOrigins(listed);
  const isTrusted = (origin: string | undefined): boolean =>
    origin !== undefined && (origin === originOfBase(baseURL() ?? page() ?? '') || origins.includes(origin));

  return {
    includes: (url) => isTrusted(originOf(url)),
    trusts: ({ url = '', baseURL: base, allowAbsoluteUrls, socketPath }) => {
      // With `allowAbsoluteUrls: false`, some versions of axios send an absolute URL to its own origin, others to that of the base URL. It
      // is unknown which server would get the token, so do not add it.
      if (isAbsolute(url) && allowAbsoluteUrls === false) return false;
      // With a `socketPath`, axios sends a URL that is only a path as if it were one of `http://localhost`.
      if (!base || isAbsolute(url))
        return isTrusted(originOf(socketPath && !isAbsolute(url) ? 'http://localhost' : url));
      // A URL that is joined to an absolute base URL stays at its origin. Joined to a path it may not: /\evil.com is //evil.com.
      // Some versions of axios remove up to two slashes from the end of a base URL, others all slashes. Remove two here: what is left may
      // still be a URL of another origin, so this is the case that must be checked.
      return isTrusted(
        isAbsolute(base) ? originOfBase(base) : originOf(`${base.replace(/\/?\/$/, '')}/${url.replace(/^\//, '')}`),
      );
    },
  };
}
