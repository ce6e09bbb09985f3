import type { AxiosInstance, AxiosRequestConfig, AxiosResponse } from 'axios';
import type { Session, TokenSet } from '../session/index.ts';
import { internalsOf, assertKnownOptions } from '../session/internal.ts';
import { bodyOfSend, sendable } from './body.ts';
import { sessionAdapter } from './session-adapter.ts';
import { trustedOrigins } from './trusted-origins.ts';
import { isWrapped, isWithoutSession, markWrapped } from './wrapped.ts';

/** How an axios instance and a session work together. */
export interface AttachSessionOptions {
  /**
   * Origins that may see the token besides the base URL's, such as `https://files.example.com`. Compared whole: scheme, host
   * and port.
   */
  readonly trustedOrigins?: readonly string[];
  /**
   * Whether an answer means that its request was refused for want of a good token. It sees the body as the caller would. One
   * that throws means no.
   *
   * @defaultValue `({ status }) => status === 401`
   */
  isUnauthorized?(this: void, response: AxiosResponse): boolean;
}

/**
 * Gives the requests of an axios instance a session: promise code and generated clients need no change. Returns what takes it
 * off again. The adapter that a request would use is looked up when the request is made, so mocks and caches still count.
 *
 * @throws InvalidInputError for a trusted origin that is none, or (in development) an unknown option
 */
export function attachSession<T extends TokenSet>(
  instance: AxiosInstance,
  session: Session<T>,
  options: AttachSessionOptions = {},
): () => void {
  assertKnownOptions('attachSession()', options, ['trustedOrigins', 'isUnauthorized']);
  const gate = internalsOf(session);
  const trusted = trustedOrigins(() => instance.defaults.baseURL, options.trustedOrigins);
  const use = { gate, trusted, isUnauthorized: options.isUnauthorized };
  const { request } = instance.interceptors;

  // Only chooses the adapter; synchronous, so that a request which `refresh` makes is known as its own.
  const id = request.use(
    (config) => {
      if (isWrapped(config.adapter)) return config;
      const isOther = isWithoutSession(config) || gate.isOwnRequest(config.signal);
      if (isOther) config.data = bodyOfSend(config.data, 0);
      else config.adapter = markWrapped(sessionAdapter(config.adapter ?? instance.defaults.adapter, use));
      config.transformRequest = sendable(config.transformRequest, isOther);
      return config;
    },
    null,
    { synchronous: true },
  );
  return () => {
    request.eject(id);
  };
}

/** Marks a request of an attached instance: no token, no refresh. */
export function withoutSession<C extends AxiosRequestConfig>(config?: C): C & { readonly session: false } {
  return { ...(config as C), session: false };
}
