import { AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { isResponse } from './response.ts';
import { safeCopy } from './safe-copy.ts';

/** Lets an answer carry the caller's config, not that of the send, in which the token is. */
export function withCallerConfig(response: AxiosResponse, config: InternalAxiosRequestConfig): AxiosResponse {
  response.config = config;
  hideRequest(response);
  // An instance of another copy of axios (one of CommonJS, say) has headers of a class that this copy cannot read, nor it ours.
  if (!(config.headers instanceof AxiosHeaders)) response.headers = Object.assign({}, response.headers);
  return response;
}

type Failure = Partial<Record<'config' | 'response' | 'cause' | 'errors', unknown>>;

/** More than any adapter has reason to throw at once. */
const MAX_ERRORS_EXAMINED = 100;

/**
 * Lets whatever an adapter throws carry the caller's config in place of that of the send, in which the token is: the error and its
 * answer do in any case; what caused it, and the errors that it sums up, where they are about this send.
 *
 * @param sent - the config that the adapter was given
 * @param authorization - the headers of the token in it
 */
export function concealToken(
  error: unknown,
  config: InternalAxiosRequestConfig,
  sent: InternalAxiosRequestConfig | undefined,
  authorization: Record<string, string> | null = null,
): unknown {
  // Without their scheme: an adapter may have exchanged it.
  const secrets = Object.values(authorization ?? {}).flatMap((value) => /\S+(?=\s*$)/.exec(value) ?? []);
  /** It may have been copied, or sent on by another instance. */
  const isSend = (value: unknown): boolean => {
    const { headers } = (value ?? {}) as { readonly headers?: object };
    if (headers === undefined) return false;
    const held = Object.values(headers).map(String);
    return headers === sent?.headers || secrets.some((secret) => held.some((text) => text.includes(secret)));
  };
  const all = new Set([error]);
  for (const one of all) {
    if (typeof one !== 'object' || one === null) continue;
    try {
      if (all.size > MAX_ERRORS_EXAMINED) throw new RangeError('too many to look at');
      const failure: Failure = one;
      hideRequest(failure);
      if (typeof failure.config === 'object' && (one === error || isSend(failure.config))) failure.config = config;
      const response = failure.response as AxiosResponse | null | undefined;
      if (response) hideRequest(response);
      if (isResponse(response) && (one === error || isSend(response.config))) withCallerConfig(response, config);
      all.add(failure.cause);
      if (Array.isArray(failure.errors)) for (const part of failure.errors) all.add(part);
    } catch {
      // It cannot be changed, or not even be looked at. What it may hold can.
      for (const name of Object.keys(authorization ?? {})) sent?.headers.delete(name);
    }
  }
  return error;
}

/** Node's request and the platform's `Request` show the token's header to whoever logs them: they stay, but are not shown. */
export function hideRequest(holder: object): void {
  if (!(holder as { request?: unknown }).request || !Object.hasOwn(holder, 'request')) return;
  // Not where an adapter has fixed it.
  Reflect.defineProperty(holder, 'request', { enumerable: false });
}

/** A copy of a request for one send: an adapter writes Content-Length, XSRF and more into its headers. */
export function copyForSend(config: InternalAxiosRequestConfig): InternalAxiosRequestConfig {
  const copy = safeCopy(config);
  copy.headers = Object.assign(new AxiosHeaders(), config.headers);
  return copy;
}
