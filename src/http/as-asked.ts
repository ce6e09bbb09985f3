import { AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { hideRequest } from './response.ts';

/** Lets an answer carry the caller's config, not that of the send, in which the token is. */
export function asAsked(response: AxiosResponse, config: InternalAxiosRequestConfig): AxiosResponse {
  response.config = config;
  hideRequest(response);
  // An instance of another copy of axios (one of CommonJS, say) has headers of a class that this copy cannot read, nor it ours.
  if (!(config.headers instanceof AxiosHeaders)) response.headers = Object.assign({}, response.headers);
  return response;
}

type Failure = Partial<Record<'config' | 'response' | 'cause' | 'errors', unknown>>;

/** More than any adapter has reason to throw at once. */
const MANY = 100;

/**
 * Lets whatever an adapter throws carry the caller's config in place of that of the send, in which the token is: in the error, its
 * answer, what caused it, and the errors that it sums up. What is about another request is left alone.
 *
 * @param sent - the config that the adapter was given
 * @param authorization - the headers of the token in it
 */
export function failedAsAsked(
  error: unknown,
  config: InternalAxiosRequestConfig,
  sent: InternalAxiosRequestConfig | undefined,
  authorization: Record<string, string> | null = null,
): unknown {
  const secrets = Object.entries(authorization ?? {});
  const isSend = (value: unknown): boolean => {
    const { headers } = (value ?? {}) as { readonly headers?: AxiosHeaders };
    // It may have been copied, or sent on by another instance.
    return (
      headers !== undefined &&
      (headers === sent?.headers || secrets.some(([name, secret]) => AxiosHeaders.from(headers).get(name) === secret))
    );
  };
  const all = new Set([error]);
  for (const one of all) {
    if (typeof one !== 'object' || one === null) continue;
    try {
      if (all.size > MANY) throw new RangeError('too many to look at');
      const failure: Failure = one;
      if (isSend(failure.config)) {
        failure.config = config;
        hideRequest(failure);
      }
      const response = failure.response as AxiosResponse | null | undefined;
      if (isSend(response?.config)) asAsked(response as AxiosResponse, config);
      all.add(failure.cause);
      if (Array.isArray(failure.errors)) for (const part of failure.errors) all.add(part);
    } catch {
      // It cannot be changed, or not even be looked at. What it may hold can.
      for (const [name] of secrets) sent?.headers.delete(name);
    }
  }
  return error;
}
