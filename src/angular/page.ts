import { originOf, parseUrl } from '../session/internal.ts';

/** The page that relative URLs start from. */
export interface Page {
  resolve(url: string): string;
  /** Whether a URL leads to the page's own origin. */
  owns(url: string): boolean;
}

/** Rendered on a server or in a test, a document may have no address; what is relative still goes to its own origin. */
const NOWHERE = 'http://page.invalid/';

/** @param document - Angular's, which is not the global one on a server */
export function pageOf(document: Document): Page {
  const { location } = document as Partial<Document>;
  const address = location && parseUrl(location.href) ? location.href : NOWHERE;
  const base = baseOf(document, address);
  // What cannot be parsed is of no origin, and trusted by nobody.
  const resolve = (url: string): string => parseUrl(url, base)?.href ?? url;
  const own = originOf(address);
  return { resolve, owns: (url) => own !== undefined && originOf(resolve(url)) === own };
}

/** The document that Angular renders on a server has no `baseURI`, and throws when it is read. */
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
