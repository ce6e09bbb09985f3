import type { InternalAxiosRequestConfig } from 'axios';
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
