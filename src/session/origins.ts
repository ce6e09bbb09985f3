import { InvalidInputError } from './invalid-input-error.ts';
import { kindOf } from './token-set.ts';

declare const location: { readonly href: string } | undefined;
declare const document: { readonly baseURI: string } | undefined;

/** Returns the URL of the page; `undefined` where there is no page. */
export const page = (): string | undefined => (typeof location === 'undefined' ? undefined : location.href);

/**
 * Returns the URL that relative URLs are resolved against. Prefers the URL of `<base>` to that of the page: if `<base>` names another
 * origin, relative requests go there, and would otherwise be taken for requests to the page's own origin.
 */
export function documentBase(): string | undefined {
  try {
    return typeof document === 'undefined' ? page() : document.baseURI;
  } catch {
    // The document of Angular's server rendering throws when `baseURI` is read.
    return page();
  }
}

/**
 * Parses a URL; returns `undefined` for one that cannot be parsed. Does not use `URL.canParse`, which Jest's jsdom 29, React Native and
 * Safari 16 lack.
 */
export function parseUrl(url: string, from?: string): URL | undefined {
  try {
    return new URL(url, from);
  } catch {
    return undefined;
  }
}

/**
 * Returns scheme, host and port of a URL. For http and https that is `URL.origin`, which is `"null"` for the schemes of webview shells
 * such as `capacitor://localhost`. `undefined` for a URL that no HTTP request can go to, and for `blob:`, which has no host.
 *
 * @param from - what a relative URL is resolved against; by default the base URL of the document
 */
export function originOf(url: string, from: string | undefined = documentBase()): string | undefined {
  const { protocol, host } = parseUrl(url, from) ?? {};
  return host && protocol && !/^(file|ftp|wss?):$/.test(protocol) ? `${protocol}//${host}` : undefined;
}

/**
 * Checks a list of origins and copies it.
 *
 * @throws InvalidInputError if it is not an array of origins
 */
export function checkedOrigins(listed: unknown): readonly string[] {
  if (!Array.isArray(listed))
    throw new InvalidInputError(
      `trustedOrigins takes a list of origins, such as ['https://api.example.com']; given: ${kindOf(listed)}.`,
    );
  return listed.map((origin: unknown) => {
    if (typeof origin === 'string' && originOf(origin) === origin) return origin;
    const given = typeof origin === 'string' ? origin : kindOf(origin);
    throw new InvalidInputError(
      `trustedOrigins takes origins such as https://api.example.com, without a path; not ${given}`,
    );
  });
}
