import type { InternalAxiosRequestConfig } from 'axios';
import { AxiosTarget } from '../http/internal.ts';
import { originOf, parseUrl, readProperty } from '../session/internal.ts';

/** Method, origin and path of a request, as a `TraceEvent` shows them. */
export interface RequestPlace {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
}

/** Tells where a request goes, without its query. Never throws. */
export function placeOf(config: InternalAxiosRequestConfig): RequestPlace {
  const { url, baseURL, socketPath, method } = config;
  try {
    // Without the `params`, since a serializer of the app, which may throw, would be called for a query that is not shown.
    const target = new AxiosTarget({ headers: config.headers, url, baseURL, socketPath } as InternalAxiosRequestConfig);
    const href = target.url;
    const { protocol, pathname = '' } = parseUrl(href, 'http://unknown') ?? {};
    return {
      method: methodOf(method),
      origin: originOf(href) ?? '',
      // The path of a `data:` URL is the data.
      path: protocol && /^(data|blob):$/.test(protocol) ? protocol : pathname,
    };
  } catch {
    return { method: methodOf(readProperty(config, 'method')), origin: '', path: '' };
  }
}

const methodOf = (method: unknown): string => (typeof method === 'string' ? method : 'get').toUpperCase();
