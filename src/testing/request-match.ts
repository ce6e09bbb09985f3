import { InvalidInputError } from '../session/index.ts';
import { kindOf } from '../session/internal.ts';
import { shownUrl } from './shown.ts';
import type { TestRequest } from './test-request.ts';

/**
 * Which requests a test means: a URL, with or without a method before it (`'GET /users'`), an object of both, or a function.
 *
 * A URL is compared as a whole, its query included, as Angular's `HttpTestingController` does; the order of the parameters and how they are
 * encoded do not count. It may be the whole URL. For a request to the origin of the client's base URL, it may also be the path, or what
 * follows the base URL.
 */
export type RequestMatch =
  string | { readonly method?: string; readonly url?: string } | ((request: TestRequest) => boolean);

/** A `RequestMatch` as a function, and in words for messages. */
export interface Matcher {
  readonly matches: (request: TestRequest) => boolean;
  readonly text: string;
}

/**
 * @param where - the call that took the match, such as `expectOne()`
 * @throws InvalidInputError for anything but a match
 */
export function matcherOf(where: string, match: RequestMatch): Matcher {
  if (typeof match === 'function') return { matches: match, text: 'a request that the function accepts' };
  const { method, url } = typeof match === 'string' ? parsed(match) : checked(where, match);
  const wanted = url === undefined ? undefined : comparable(rooted(url));
  return {
    matches: (request) =>
      (method === undefined || request.method === method.toUpperCase()) &&
      (wanted === undefined || addressesOf(request).includes(wanted)),
    text: [method?.toUpperCase(), url === undefined ? 'any URL' : shownUrl(url, undefined)].filter(Boolean).join(' '),
  };
}

interface Address {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

function parsed(text: string): Address {
  const [, method, url = text] = /^([a-z]+) +(\S.*)$/i.exec(text) ?? [];
  return { method, url };
}

function checked(where: string, match: Exclude<RequestMatch, string>): Address {
  const { method, url } = Object(match) as Partial<Record<'method' | 'url', unknown>>;
  const isText = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string';
  if (isText(method) && isText(url) && (method ?? url) !== undefined) return { method, url };
  throw new InvalidInputError(
    `${where} takes a URL, 'GET /users', { method, url } or a function of the request; given: ${kindOf(match)}.`,
  );
}

/**
 * The ways to write the URL of a request: the whole, the path on its origin, and what follows the base URL. If the request goes to another
 * origin than that of the base URL, only the whole URL counts.
 */
function addressesOf({ url, config }: TestRequest): string[] {
  const [own, base] = [divided(url), divided(config.baseURL ?? '')];
  const isElsewhere = own.origin !== '' && base.origin !== '' && own.origin !== base.origin;
  if (isElsewhere) return [comparable(url)];
  const folder = base.path.replace(/\/+$/, '');
  const isBelow = own.path.startsWith(folder) && /^([/?#]|$)/.test(own.path.slice(folder.length));
  return [url, own.path, ...(isBelow ? [own.path.slice(folder.length)] : [])].map(rooted).map(comparable);
}

function divided(url: string): { readonly origin: string; readonly path: string } {
  const [origin = ''] = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i.exec(url) ?? [];
  return { origin, path: url.slice(origin.length) };
}

const rooted = (url: string): string => (/^([a-z][a-z\d+.-]*:|\/)/i.test(url) ? url : `/${url}`);

/** A URL without its fragment, and with a query whose parameters are sorted and encoded in one way. */
function comparable(url: string): string {
  const [path = '', query = ''] = (url.split('#')[0] ?? '').split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  parameters.sort();
  const sorted = parameters.toString();
  return sorted === '' ? path : `${path}?${sorted}`;
}
