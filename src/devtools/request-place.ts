import type { InternalAxiosRequestConfig } from 'axios';
import { AxiosTarget } from '../http/internal.ts';
import { originOf, parseUrl, readProperty } from '../session/internal.ts';

/** Method, origin and path of a request, as a `TraceEvent` shows them. */
export interface RequestPlace {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
}

/** Returns where a request goes, without its query. Never throws: a trace must not make a request fail. */
export function placeOf(config: InternalAxiosRequestConfig): RequestPlace {
  const { url, baseURL, socketPath, method } = config;
  try {
    // Leave out the `params`: they would call a serializer of the app, which may throw, for a query that is not shown.
    const target = new AxiosTarget({ headers: config.headers, url, baseURL, socketPath } as InternalAxiosRequestConfig);
    const href = target.url;
    const { protocol, pathname = '' } = parseUrl(href, 'http://unknown') ?? {};
    return {
      method: methodOf(method),
      origin: originOf(href) ?? '',
      // The path of a `data:` URL is the data itself, which may be secret: show only the scheme.
      path: protocol && /^(data|blob):$/.test(protocol) ? protocol : pathname,
    };
  } catch {
    return { method: methodOf(readProperty(config, 'method')), origin: '', path: '' };
  }
}

const methodOf = (method: unknown): string => (typeof method === 'string' ? method : 'get').toUpperCase();
