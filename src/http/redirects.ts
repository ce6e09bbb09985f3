import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { originOf, type RequestHeaders, type RequestTarget } from '../session/internal.ts';
import { isAbsolute, type TrustedOrigins } from './trusted-origins.ts';

type BeforeRedirect = NonNullable<InternalAxiosRequestConfig['beforeRedirect']>;

/**
 * Follows one send through redirects: whether the token goes along, and whether it was with the request that was answered.
 *
 * Node's adapter asks before each redirect. Browsers, and `fetch` anywhere, follow redirects themselves: they drop
 * `Authorization` when the origin changes, keep all other headers, and show no more than where the answer came from.
 */
export class RedirectTrail {
  readonly #trusted: TrustedOrigins;
  readonly #target: RequestTarget;
  readonly #headers: RequestHeaders;
  /** Once it was left out it does not come back: a stranger who redirects here again must not act with it. */
  #isCarried = true;

  constructor(trusted: TrustedOrigins, target: RequestTarget, headers: RequestHeaders) {
    this.#trusted = trusted;
    this.#target = target;
    this.#headers = headers;
  }

  /** Takes the token's headers off a redirect to a stranger; puts back what Node's redirects drop between trusted origins. */
  guard(own: BeforeRedirect | undefined): BeforeRedirect {
    return (next: Record<string, unknown>, ...details) => {
      const wasThere = this.#namesIn(headersOf(next)).length > 0;
      own?.(next, ...details);
      // The caller's function may have put other headers in the place of these.
      const headers = headersOf(next);
      const there = this.#namesIn(headers);
      this.#isCarried &&= this.#trusted.includes(String(next['href'])) && (there.length > 0 || !wasThere);
      if (!this.#isCarried) for (const name of there) Reflect.deleteProperty(headers, name);
      else if (there.length === 0) Object.assign(headers, this.#headers);
    };
  }

  /** Whether the answer is one to a request that carried the token. */
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

/** Whether a request still carried the token when it ended elsewhere than it was sent to, by redirects that the platform followed. */
export function keepsToken(
  sentTo: string,
  landing: string,
  headers: RequestHeaders,
  trusted: Pick<TrustedOrigins, 'includes'>,
): boolean {
  const [from, to] = [originOf(sentTo), originOf(landing)];
  // A page may upgrade what it requests to https, which is no redirect.
  if (from === undefined || from === to || from.replace(/^http:/, 'https:') === to) return true;
  return trusted.includes(landing) && !Object.keys(headers).some((name) => /^authorization$/i.test(name));
}

/** On requests that were redirected, where to: for every copy of Sluice that sees the answer. */
const finalUrlKey: unique symbol = Symbol.for('sluice.landing');

const platformFetch: typeof fetch = (input, init) => fetch(input, init);

/** One for each `fetch`: axios keeps an adapter for each that it is given. */
const tracers = /* @__PURE__ */ new WeakMap<typeof fetch, typeof fetch>();

/**
 * A `fetch` that notes where redirects led, which axios does not pass on.
 *
 * @param own - the app's; without one, the platform's
 */
export function fetchNotingFinalUrl(own: unknown): typeof fetch {
  const send = typeof own === 'function' ? (own as typeof fetch) : platformFetch;
  let tracer = tracers.get(send);
  if (!tracer) {
    tracer = async (input, init) => {
      const response = await send(input, init);
      // Axios gives a string where there is no `Request`.
      if (typeof input === 'object' && response.redirected) Object.assign(input, { [finalUrlKey]: response.url });
      return response;
    };
    tracers.set(send, tracer);
  }
  return tracer;
}

/**
 * Where an answer came from, if a redirect may have led there. Not told by Node's adapter, which has asked before each redirect, nor
 * by fetch before axios 1.12. The URL by which Capacitor takes requests over is no redirect, nor is a relative one of a mock.
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
