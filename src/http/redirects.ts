import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { TrustedOrigins } from './trusted-origins.ts';

type BeforeRedirect = NonNullable<InternalAxiosRequestConfig['beforeRedirect']>;

/**
 * Takes the token's headers off a redirect that leaves the trusted origins. Node's redirects keep `Authorization` for
 * subdomains, and keep any other header. (Browsers follow redirects themselves and drop `Authorization` only.)
 */
export function guardRedirects(
  { beforeRedirect }: InternalAxiosRequestConfig,
  trusted: TrustedOrigins,
  authorization: Record<string, string>,
): BeforeRedirect {
  return (next: Record<string, unknown>, ...details) => {
    beforeRedirect?.(next, ...details);
    if (trusted.includes(String(next['href']))) return;
    const secret = Object.keys(authorization).map((name) => name.toLowerCase());
    const headers = next['headers'] as Record<string, unknown>;
    for (const name of Object.keys(headers)) {
      if (secret.includes(name.toLowerCase())) Reflect.deleteProperty(headers, name);
    }
  };
}

const landings = new WeakMap<object, string>();

/** Notes where answers came from, which axios does not pass on. One for all: axios keeps an adapter for each that it is given. */
export const tracedFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  // Axios gives a string where there is no `Request`.
  if (typeof input === 'object') landings.set(input, response.url);
  return response;
};

/** Where an answer came from after redirects, if the adapter can tell: axios's own can, but fetch before axios 1.12. */
export function landingOf({ request }: AxiosResponse): string | undefined {
  const { res, responseURL } = (request ?? {}) as { responseURL?: string; res?: { responseUrl?: string } };
  return res?.responseUrl ?? responseURL ?? landings.get(request as object);
}
