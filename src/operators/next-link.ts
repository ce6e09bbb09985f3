import { finalUrlKey, headerOf, parseUrl, readProperty } from '../session/internal.ts';

/** The target of a link, or a parameter: its name, and its value quoted or as a token. A quote that is not closed reaches to the end. */
const PART = /<([^<>]*)>|;\s*([^\s=;,]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"?|([^\s;,]*)))?/g;

/**
 * Returns the URL of a link in the `Link` header of a response, such as that of the next page. It is resolved against the URL of the
 * response, and stays as it is if that is unknown.
 *
 * @param response - a response of axios (`observe: 'response'`), `fetch` or Angular's HttpClient
 * @param rel - the relation type of the link, in upper or lower case
 * @returns `undefined` if the response has no such link. A link with an `anchor` does not count, because it leads from another resource
 * @see RFC 8288 section 3
 * @example
 * ```ts
 * const get = (url: string) => api.get<User[]>(url, { observe: 'response' });
 * const pages$ = paginate(get('/users'), (response) => {
 *   const url = nextLink(response);
 *   return url !== undefined && get(url);
 * });
 * ```
 */
export function nextLink(response: object, rel: string = 'next'): string | undefined {
  const links: { readonly target: string; readonly parameters: Partial<Record<string, string>> }[] = [];
  let parameters: Partial<Record<string, string>> = {};
  for (const [, target, name = '', quoted, token] of (headerOf(response, 'link') ?? '').matchAll(PART))
    if (target !== undefined) links.push({ target, parameters: (parameters = {}) });
    // If a link has two parameters of the same name, the first counts.
    else parameters[name.toLowerCase()] ??= quoted?.replace(/\\(.)/g, '$1') ?? token ?? '';
  const link = links.find(
    ({ parameters: { anchor, rel: types = '' } }) =>
      anchor === undefined && types.toLowerCase().split(/\s+/).includes(rel.toLowerCase()),
  );
  if (!link) return undefined;
  return parseUrl(link.target, urlOf(response))?.href ?? link.target;
}

/** Returns the URL that a response came from, if its HTTP library tells it. Each adapter of axios tells it in another place. */
function urlOf(response: object): string | undefined {
  const request = readProperty(response, 'request');
  return [response, request, readProperty(request, 'res')]
    .flatMap((holder) => [finalUrlKey, 'responseURL', 'responseUrl', 'url'].map((key) => readProperty(holder, key)))
    .find((url): url is string => typeof url === 'string' && url !== '');
}
