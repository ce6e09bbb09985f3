import type { AxiosRequestConfig, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { Session, TokenSet } from '../session/index.ts';
import { assertKnownOptions, internalsOf } from '../session/internal.ts';
import { callOfAdapter, hasOptedOut, isMarkedAdapter, markAdapter } from './adapter-mark.ts';
import { axiosInstance, type AxiosLike } from './axios-like.ts';
import { cacheByOwner } from './cache-by-owner.ts';
import { type Call, callOf } from './call.ts';
import { defaultCredentialsWarning } from './default-credentials.ts';
import { sendAsIs } from './send-as-is.ts';
import { sessionAdapter } from './session-adapter.ts';
import { bodyForSend, requestTransform } from './request-body.ts';
import { safeCopy } from './safe-copy.ts';
import { trustedBy } from './trusted-by.ts';

/** How an axios instance and a session work together. */
export interface AttachSessionOptions {
  /**
   * Origins that may see the token besides the base URL's, such as `https://files.example.com`. Compared whole: scheme, host
   * and port. A path alone that is sent to a `socketPath` counts as `http://localhost`.
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
 * A request belongs to the person who is signed in when the instance is called, and so does a retry with its config: if somebody else
 * signs in before it is sent, it fails with `SessionChangedError`.
 *
 * @throws InvalidInputError for what is no axios instance, for a trusted origin that is none, if neither a base URL nor `trustedOrigins` says who may see the token
 * (in Node; a page has an origin of its own), or (in development) for an unknown option
 */
export function attachSession<T extends TokenSet>(
  given: AxiosLike,
  session: Session<T>,
  attachOptions: AttachSessionOptions = {},
): () => void {
  const instance = axiosInstance(given, 'attachSession()');
  const options = safeCopy(attachOptions);
  assertKnownOptions('attachSession()', options, ['trustedOrigins', 'isUnauthorized']);
  const internals = internalsOf(session);
  const trusted = trustedBy(instance, options.trustedOrigins, 'attachSession()');
  const onOwnCredentials = defaultCredentialsWarning(instance);
  const use = { instance, internals, trusted, isUnauthorized: options.isUnauthorized, onOwnCredentials };
  const { request } = instance.interceptors;

  /** The calls whose interceptors are at work, by the config that axios has made for each. */
  const calls = new WeakMap<object, Call>();
  /** Only chooses the adapter. */
  const chooseAdapter = (config: InternalAxiosRequestConfig, call: Call): InternalAxiosRequestConfig => {
    if (isMarkedAdapter(config.adapter)) return config;
    const { start, isOwn } = call;
    const isOther = isOwn || hasOptedOut(config);
    const choice = config.adapter ?? instance.defaults.adapter;
    if (isOther) config.data = bodyForSend(config.data, 0);
    if (isOwn) config.adapter = markAdapter((sent) => sendAsIs(choice, sent));
    else if (!isOther) config.adapter = markAdapter(sessionAdapter(choice, use, start), call);
    config.transformRequest = requestTransform(config.transformRequest, isOther);
    return config;
  };
  const ofCall = (config: InternalAxiosRequestConfig): InternalAxiosRequestConfig =>
    chooseAdapter(config, calls.get(config) ?? callOf(internals, config.signal));

  const id = request.use(ofCall, null, {
    synchronous: true,
    // Axios asks this at the call, before any interceptor runs, and reads `fulfilled` of the same handler next. A function for each
    // call knows whose request it is even if an interceptor gives another config; `calls` knows it if `this` is not the handler.
    runWhen(this: { fulfilled?: typeof ofCall } | undefined, config) {
      const first = callOfAdapter(config.adapter);
      // Served by a client, by another session or by none: still so if an interceptor replaces the adapter.
      if (isMarkedAdapter(config.adapter) && first?.internals !== internals) return false;
      const call = first ?? callOf(internals, config.signal);
      if (!call.isOwn && !hasOptedOut(config)) cacheByOwner(instance, call, config);
      if (this) {
        this.fulfilled = (given) => {
          // A handler that is copied to another instance is not tied to the last call.
          this.fulfilled = ofCall;
          return chooseAdapter(given, call);
        };
      } else calls.set(config, call);
      return true;
    },
  });
  return () => {
    request.eject(id);
  };
}

/** Marks a request of an attached instance: no token, no refresh. */
export function withoutSession<C extends AxiosRequestConfig>(config?: C): C & { readonly session: false } {
  return Object.assign(safeCopy((config ?? {}) as C), { session: false as const });
}
