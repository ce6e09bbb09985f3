import { originOf, parseUrl } from '../session/internal.ts';

/** The page against which relative URLs are resolved. */
export interface Page {
  /** Makes a URL absolute. Returns it unchanged if it cannot be parsed. */
  resolve(url: string): string;
  /** Whether a URL leads to the page's own origin. */
  owns(url: string): boolean;
}

/**
 * Stands in for the address of a document that has none, as on some servers and in tests. With it a relative URL still belongs to the
 * page's own origin, so its request gets the token.
 */
const PLACEHOLDER_PAGE = 'http://page.invalid/';

/**
 * Returns the page of a document.
 *
 * @param document - the `DOCUMENT` of Angular: on a server that renders, there is no global `document`
 */
export function pageOf(document: Document): Page {
  const { location } = document as Partial<Document>;
  const address = location && parseUrl(location.href) ? location.href : PLACEHOLDER_PAGE;
  const base = baseOf(document, address);
  // A URL that cannot be parsed has no origin, and is therefore not trusted.
  const resolve = (url: string): string => parseUrl(url, base)?.href ?? url;
  const own = originOf(address);
  return { resolve, owns: (url) => own !== undefined && originOf(resolve(url)) === own };
}

/**
 * Returns the base URL of a document. A document that Angular renders on a server throws when its `baseURI` is read: the `href` of its
 * `<base>` element is used instead.
 */
function baseOf(document: Partial<Document>, address: string): string {
  let base: string | null | undefined;
  try {
    base = document.baseURI;
  } catch {
    base = document.querySelector?.('base[href]')?.getAttribute('href');
  }
  const parsed = typeof base === 'string' ? parseUrl(base, address) : undefined;
  return parsed?.href ?? address;
}
