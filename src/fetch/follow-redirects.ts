import { freeBody } from '../session/internal.ts';
import { refuseUsedBody } from './body-used.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { withToken } from './with-token.ts';

/** What sends the requests of a `sessionFetch`, and which of them may carry the token. */
export interface Sender {
  readonly send: typeof fetch;
  /** Whether an absolute URL is of a trusted origin. */
  trusts(url: string): boolean;
}

/** The outcome of one send. */
export interface Answer {
  readonly response: Response;
  /** Whether the token reached the server that responded: false if a redirect has taken it off. */
  readonly hasSeenToken: boolean;
}

/** The limit of the Fetch standard. Servers that redirect in a circle would otherwise keep a request going for ever. */
const MAX_REDIRECTS = 20;

/**
 * Sends a request whose token is in another header than `Authorization`, and follows redirects as the Fetch standard says, except that the
 * token goes along to trusted origins only. The platform itself would take that header along everywhere.
 *
 * @throws TypeError where `fetch` would, and in browsers for every redirect, because they do not reveal where it leads
 * @see https://fetch.spec.whatwg.org/#http-redirect-fetch
 */
export async function followRedirects(
  request: OutgoingRequest,
  init: RequestInit,
  authorization: Record<string, string>,
  { send, trusts }: Sender,
): Promise<Answer> {
  let { url } = request;
  let target: Request | string = request.copy ?? url;
  let { method = 'GET' } = request.copy ?? init;
  let hasToken = true;
  let hasBody = true;
  const headers = new Headers(request.headers);
  for (let redirects = 0; ; redirects += 1) {
    const response = await send(target, { ...init, redirect: hasToken ? 'manual' : 'follow' });
    const { status, type } = response;
    if (type === 'opaqueredirect') throw new TypeError('A redirect would take the token along.');
    const location = response.headers.get('location');
    if (!hasToken || location === null || ![301, 302, 303, 307, 308].includes(status)) {
      if (redirects > 0) Object.defineProperty(response, 'redirected', { value: true });
      return { response, hasSeenToken: hasToken };
    }

    freeBody(response.body);
    const to = new URL(location, url);
    if (redirects >= MAX_REDIRECTS || !/^https?:$/.test(to.protocol))
      throw new TypeError('Over 20 redirects, or one to a URL that is not HTTP.');
    if (status === 303 ? !/^(GET|HEAD)$/i.test(method) : status < 303 && /^post$/i.test(method)) {
      method = 'GET';
      hasBody = false;
      delete init.body;
      drop(headers, /^content-(encoding|language|length|location|type)$/);
    } else if (hasBody) refuseUsedBody(request, response);
    if (to.origin !== new URL(url).origin) drop(headers, /^((proxy-)?authorization|cookie|host)$/);
    target = url = to.href;
    hasToken = trusts(url);
    Object.assign(init, { method, headers: withToken(headers, hasToken ? authorization : {}) });
  }
}

function drop(headers: Headers, names: RegExp): void {
  for (const name of Array.from(headers.keys())) if (names.test(name)) headers.delete(name);
}
