import { refuseUsedBody } from './body-used.ts';
import { discardBody } from './discard-body.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { withToken } from './with-token.ts';

export interface Sender {
  readonly send: typeof fetch;
  trusts(url: string): boolean;
}

/** The answer to one send. */
export interface Answer {
  readonly response: Response;
  /** The token came to where the answer is from: no redirect has taken it off. */
  readonly hasSeenToken: boolean;
}

const MAX_REDIRECTS = 20;

/**
 * Sends a request and follows redirects as the Fetch standard says, but takes the token along to trusted origins only, whatever its
 * headers are called.
 *
 * @throws TypeError where `fetch` would, and for every redirect in browsers, which do not say where it leads
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
  const headers = new Headers(request.headers);
  for (let redirects = 0; ; redirects += 1) {
    const response = await send(target, { ...init, redirect: hasToken ? 'manual' : 'follow' });
    const { status, type } = response;
    if (type === 'opaqueredirect') throw new TypeError('A redirect would take along the header that the token is in.');
    const location = response.headers.get('location');
    if (!hasToken || location === null || ![301, 302, 303, 307, 308].includes(status)) {
      if (redirects > 0) Object.defineProperty(response, 'redirected', { value: true });
      return { response, hasSeenToken: hasToken };
    }

    discardBody(response);
    const to = new URL(location, url);
    if (redirects >= MAX_REDIRECTS || !/^https?:$/.test(to.protocol))
      throw new TypeError('A redirect too many, or to what is not HTTP.');
    if (status === 303 ? !/^(GET|HEAD)$/i.test(method) : status < 303 && /^post$/i.test(method)) {
      method = 'GET';
      delete init.body;
      drop(headers, /^content-(encoding|language|length|location|type)$/);
    } else refuseUsedBody(request, response);
    if (to.origin !== new URL(url).origin) drop(headers, /^((proxy-)?authorization|cookie|host)$/);
    target = url = to.href;
    hasToken = trusts(url);
    Object.assign(init, { method, headers: withToken(headers, hasToken ? authorization : {}) });
  }
}

function drop(headers: Headers, names: RegExp): void {
  for (const name of Array.from(headers.keys())) if (names.test(name)) headers.delete(name);
}
