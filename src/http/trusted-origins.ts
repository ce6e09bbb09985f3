import type { AxiosRequestConfig } from 'axios';
import { checkedOrigins, originOf, page } from '../session/internal.ts';

/** Which requests may carry a token: those whose origin is exactly one of these. */
export interface TrustedOrigins {
  /** Whether a request goes to one of them. */
  trusts(config: AxiosRequestConfig): boolean;
  /** Whether a URL that a request has ended at is of one of them. */
  includes(url: string): boolean;
}

/** What axios takes for an absolute URL; anything else it appends to the base URL. */
export function isAbsolute(url: string): boolean {
  return /^([a-z][a-z\d+\-.]*:)?\/\//i.test(url);
}

/** Whether the URL names a user, of which Node's adapter makes an `Authorization` header. */
export function hasUserInfo({ url = '', baseURL = '' }: AxiosRequestConfig): boolean {
  return /^([a-z][a-z\d+.-]*:)?\/\/[^/?#\\]*@/i.test(isAbsolute(url) ? url : baseURL);
}

/** Whether a URL can be requested: in Node there is no page that a relative one could start from. */
export function isResolvable(url: string, baseURL: string | undefined): boolean {
  return isAbsolute(url) || baseURL === undefined ? originOf(url) !== undefined : originOfBase(baseURL) !== undefined;
}

// Parsing costs as much as a tenth of a request, and a base URL recurs. A relative one is the page's own origin, also where a `<base>`,
// which anybody may have put into the document, leads requests elsewhere: those are not trusted.
let lastBase: { readonly base: string; readonly page: string | undefined; readonly origin: string | undefined } | null =
  null;
function originOfBase(base: string): string | undefined {
  if (lastBase?.base !== base || lastBase.page !== page())
    lastBase = { base, page: page(), origin: originOf(base, page()) };
  return lastBase.origin;
}

/**
 * @param baseURL - the instance's, looked up for each request; a request that brings its own is not trusted for it
 * @param listed - further origins, such as `https://files.example.com`
 */
export function trustedOrigins(baseURL: () => string | undefined, listed: readonly string[] = []): TrustedOrigins {
  const origins = checkedOrigins(listed);
  const isTrusted = (origin: string | undefined): boolean =>
    origin !== undefined && (origin === originOfBase(baseURL() ?? page() ?? '') || origins.includes(origin));

  return {
    includes: (url) => isTrusted(originOf(url)),
    trusts: ({ url = '', baseURL: base, allowAbsoluteUrls, socketPath }) => {
      // Versions of axios send it to different places: to the URL's, or to the base's.
      if (isAbsolute(url) && allowAbsoluteUrls === false) return false;
      // Axios sends a path alone to a socket as to localhost.
      if (!base || isAbsolute(url))
        return isTrusted(originOf(socketPath && !isAbsolute(url) ? 'http://localhost' : url));
      // Joined to an absolute base, the rest cannot leave its origin. Joined to a path, it might: /\evil.com is //evil.com
      // Versions of axios take two slashes off the end of a base, or all: what two leave counts.
      return isTrusted(
        isAbsolute(base) ? originOfBase(base) : originOf(`${base.replace(/\/?\/$/, '')}/${url.replace(/^\//, '')}`),
      );
    },
  };
}
