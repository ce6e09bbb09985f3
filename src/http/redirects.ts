import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { finalUrlKey, originOf, type RequestHeaders, type RequestTarget } from '../session/internal.ts';
import { isAbsolute, type TrustedOrigins } from './trusted-origins.ts';

type BeforeRedirect = NonNullable<InternalAxiosRequestConfig['beforeRedirect']>;

/** What the `transport` of a request has: Node's `http`, or another that may follow redirects. */
interface Transport {
  request(options: { beforeRedirect?: BeforeRedirect }, ...rest: unknown[]): unknown;
}

/**
 * Follows one send through its redirects: decides whether the token goes along, and tells whether the request that got the final response
 * carried it.
 *
 * Axios's Node adapter calls `beforeRedirect` at each redirect. Browsers, and `fetch` on every platform, follow redirects themselves: they
 * drop `Authorization` when the origin changes, keep all other headers, and reveal the final URL only.
 */
export class RedirectTrail {
  readonly #trusted: TrustedOrigins;
  readonly #target: RequestTarget;
  readonly #headers: RequestHeaders;
  /**
   * Whether all redirects so far carried the token. Stays false after one that did not: an untrusted origin that redirects back must not
   * act with the token.
   */
  #isCarried = true;

  constructor(trusted: TrustedOrigins, target: RequestTarget, headers: RequestHeaders) {
    this.#trusted = trusted;
    this.#target = target;
    this.#headers = headers;
  }

  /**
   * Makes a `beforeRedirect` that takes the token's headers off a redirect to an untrusted origin, and puts back those that Node's
   * redirects drop between trusted origins.
   *
   * @param own - the caller's `beforeRedirect`, which is called as well
   */
  guard(own: BeforeRedirect | undefined): BeforeRedirect {
    return (next: Record<string, unknown>, ...details) => {
      const wasThere = this.#namesIn(headersOf(next)).length > 0;
      own?.(next, ...details);
      // Read again, because the caller's function may have replaced the headers. If it removed the token, the token is not put back.
      const headers = headersOf(next);
      const there = this.#namesIn(headers);
      this.#isCarried &&= this.#trusted.includes(String(next['href'])) && (there.length > 0 || !wasThere);
      if (!this.#isCarried) for (const name of there) Reflect.deleteProperty(headers, name);
      else if (there.length === 0) Object.assign(headers, this.#headers);
    };
  }

  /** Does the same to an app's own `transport`, such as that of follow-redirects, for which axios ignores the request's `beforeRedirect`. */
  guardTransport(own: Transport): Transport {
    const guard = this.guard(undefined);
    return {
      request: (options, ...rest) => {
        const { beforeRedirect } = options;
        options.beforeRedirect = (...redirect) => {
          beforeRedirect?.(...redirect);
          guard(...redirect);
        };
        return own.request(options, ...rest);
      },
    };
  }

  /** Whether the request that got this response, after all redirects, carried the token. */
  reached(response: AxiosResponse): boolean {
    const reached = finalUrlOf(response);
    if (!this.#isCarried || reached === undefined) return this.#isCarried;
    return keepsToken(this.#target.url, reached, this.#headers, this.#trusted);
  }

  get #names(): string[] {
    return Object.keys(this.#headers).map((name) => name.toLowerCase());
  }
  #namesIn(headers: Record<string, unknown>): string[] {
    const names = this.#names;
    return Object.keys(headers).filter((name) => names.includes(name.toLowerCase()));
  }
}

const headersOf = (next: Record<string, unknown>): Record<string, unknown> =>
  (next['headers'] ??= {}) as Record<string, unknown>;

/**
 * Whether a request still carried the token at its final URL, after redirects that the platform followed by itself. At the same origin it
 * did. At another trusted origin it did unless the token is in `Authorization`, which the platform drops when the origin changes. A 401 to
 * a request that has lost the token must not start a refresh.
 *
 * @param headers - those that carry the token
 */
export function keepsToken(
  sentTo: string,
  finalUrl: string,
  headers: RequestHeaders,
  trusted: Pick<TrustedOrigins, 'includes'>,
): boolean {
  const [from, to] = [originOf(sentTo), originOf(finalUrl)];
  // A page may upgrade its requests to https (`upgrade-insecure-requests`), which is no redirect: they keep the token.
  if (from === undefined || from === to || from.replace(/^http:/, 'https:') === to) return true;
  return trusted.includes(finalUrl) && !Object.keys(headers).some((name) => /^authorization$/i.test(name));
}

const platformFetch: typeof fetch = (input, init) => fetch(input, init);

/**
 * One wrapper for each `fetch`: axios caches an adapter for every `fetch` that it is given, and would keep one for each request otherwise.
 */
const tracers = /* @__PURE__ */ new WeakMap<typeof fetch, typeof fetch>();

/**
 * Wraps a `fetch` so that it notes the final URL of redirected requests, which axios does not expose.
 *
 * @param own - the app's `fetch`; the platform's is used if this is no function
 */
export function fetchNotingFinalUrl(own: unknown): typeof fetch {
  const send = typeof own === 'function' ? (own as typeof fetch) : platformFetch;
  let tracer = tracers.get(send);
  if (!tracer) {
    tracer = async (input, init) => {
      const response = await send(input, init);
      // Axios passes a string on platforms without `Request`, and nothing can be noted on it.
      if (typeof input === 'object' && response.redirected) Object.assign(input, { [finalUrlKey]: response.url });
      return response;
    };
    tracers.set(send, tracer);
  }
  return tracer;
}

/**
 * Returns the final URL of a response if a redirect may have led there. `undefined` if it is unknown: axios's Node adapter does not reveal
 * it (but calls `beforeRedirect`), nor does the fetch adapter before axios 1.12. Also `undefined` for the URL by which Capacitor intercepts
 * requests and for the relative URL of a mock, which are no redirects.
 */
function finalUrlOf({ request }: AxiosResponse): string | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  const { [finalUrlKey]: noted, responseURL } = request as {
    readonly [finalUrlKey]?: string;
    readonly responseURL?: unknown;
  };
  if (noted !== undefined) return noted;
  if (typeof responseURL !== 'string' || !isAbsolute(responseURL)) return undefined;
  return responseURL.includes('/_capacitor_http') ? undefined : responseURL;
}
