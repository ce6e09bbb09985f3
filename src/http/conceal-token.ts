import { AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { isResponse } from './response.ts';
import { safeCopy } from './safe-copy.ts';

/** Replaces the config of the send, whose headers hold the token, by the caller's config. */
export function withCallerConfig(response: AxiosResponse, config: InternalAxiosRequestConfig): AxiosResponse {
  response.config = config;
  hideRequest(response);
  // Headers of another class come from another copy of axios, the CommonJS one for example. Give that copy plain headers, because it
  // cannot read this copy's `AxiosHeaders`.
  if (!(config.headers instanceof AxiosHeaders)) response.headers = Object.assign({}, response.headers);
  return response;
}

type Failure = Partial<Record<'config' | 'response' | 'cause' | 'errors', unknown>>;

/** Ends the search in a chain of `cause` that has no end. Adapters throw far fewer errors at once. */
const MAX_ERRORS_EXAMINED = 100;

/**
 * Removes the token from what an adapter has thrown, and returns it. The error and its response get the caller's config in place of the
 * config of the send, whose headers hold the token. So do the error's causes, and the errors of an `AggregateError`, if they hold this
 * send's config.
 *
 * @param sent - the config that the adapter was given
 * @param authorization - the token's headers in `sent`
 */
export function concealToken(
  error: unknown,
  config: InternalAxiosRequestConfig,
  sent: InternalAxiosRequestConfig | undefined,
  authorization: Record<string, string> | null = null,
): unknown {
  // Compare the tokens without their scheme: an adapter may have changed `Bearer` to another.
  const secrets = Object.values(authorization ?? {}).flatMap((value) => /\S+(?=\s*$)/.exec(value) ?? []);
  /** Whether a config is that of this send, or a copy with its headers, such as another instance makes. */
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
      // The error is frozen, reading it throws, or its causes are too many: take the token out of the config that it may hold.
      for (const name of Object.keys(authorization ?? {})) sent?.headers.delete(name);
    }
  }
  return error;
}

/**
 * Makes `request` of a response or an error non-enumerable, so that logging it does not print the request: Node's request and the
 * platform's `Request` hold the token's header. Apps can still read it.
 */
export function hideRequest(holder: object): void {
  if ((holder as { request?: unknown }).request) hide(holder, 'request');
}

/** Does the same to what leads from a streamed body of Node to its request: `req`, and the socket, which knows the request as well. */
export function hideTransport(stream: object): void {
  for (const key of ['req', 'socket', 'client']) hide(stream, key);
}

function hide(holder: object, key: string): void {
  // `Reflect` does not throw if an adapter has made the property non-configurable.
  if (Object.hasOwn(holder, key)) Reflect.defineProperty(holder, key, { enumerable: false });
}

/** Copies a response with another body. Adds `request`, which the spread leaves out because it is not enumerable, and hides it again. */
export function withData(response: AxiosResponse | undefined, data: unknown): AxiosResponse {
  const copy = { ...response, data, request: response?.request as unknown } as AxiosResponse;
  hideRequest(copy);
  return copy;
}

/** Copies a request for one send: adapters write Content-Length, XSRF and other headers that must not be part of the next send. */
export function copyForSend(config: InternalAxiosRequestConfig): InternalAxiosRequestConfig {
  const copy = safeCopy(config);
  copy.headers = Object.assign(new AxiosHeaders(), config.headers);
  return copy;
}
