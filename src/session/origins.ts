import { InvalidInputError } from './errors.ts';
import { kindOf } from './token-set.ts';

declare const location: { readonly href: string } | undefined;
declare const document: { readonly baseURI: string } | undefined;

/** The address of the page; `undefined` where there is no page. */
export const page = (): string | undefined => (typeof location === 'undefined' ? undefined : location.href);

/** What relative URLs start from: a `<base>` may lead to another origin than the page's. */
function base(): string | undefined {
  try {
    return typeof document === 'undefined' ? page() : document.baseURI;
  } catch {
    // The document that Angular renders on a server.
    return page();
  }
}

/** What a URL consists of; `undefined` for one that cannot be parsed. Jest's jsdom 29, React Native and Safari 16 have no `URL.canParse`. */
export function parseUrl(url: string, from?: string): URL | undefined {
  try {
    return new URL(url, from);
  } catch {
    return undefined;
  }
}

/**
 * Scheme, host and port of a URL: `URL.origin`, which is `"null"` for the schemes of webview shells (`capacitor://localhost`).
 * `undefined` where no request can go, and for `blob:https://host/…`, which has the origin of its maker.
 *
 * @param from - what a relative URL starts from; by default what the platform's requests do
 */
export function originOf(url: string, from: string | undefined = base()): string | undefined {
  const { protocol, host } = parseUrl(url, from) ?? {};
  return host && protocol && !/^(file|ftp|wss?):$/.test(protocol) ? `${protocol}//${host}` : undefined;
}

/**
 * A copy of a list of origins.
 *
 * @throws InvalidInputError for what is no list, or holds what is no origin
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
