import type { AxiosRequestConfig, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { Session, TokenSet } from '../session/index.ts';
import { assertKnownOptions, assertOption, assertOptions, internalsOf } from '../session/internal.ts';
import { callOfAdapter, hasOptedOut, isMarkedAdapter, markAdapter } from './adapter-mark.ts';
import { axiosInstance, type AxiosLike } from './axios-like.ts';
import { cacheByOwner } from './cache-by-owner.ts';
import { type Call, callOf } from './call.ts';
import { defaultCredentialsWarning } from './default-credentials.ts';
import { sendOutsideSession } from './send-as-is.ts';
import { sessionAdapter } from './session-adapter.ts';
import { bodyForSend, requestTransform } from './request-body.ts';
import { adapterOf } from './response.ts';
import { safeCopy } from './safe-copy.ts';
import { traceHookOf } from './trace-hook.ts';
import { trustedBy } from './trusted-by.ts';

/** Options of `attachSession()`, and of `createClient()` with a session. */
export interface AttachSessionOptions {
  /**
   * Origins that may see the token besides that of the base URL, such as `https://files.example.com`. Scheme, host and port must be
   * equal. A request by path alone to a `socketPath` counts as one to `http://localhost`.
   *
   * @defaultValue `[]`
   */
  readonly trustedOrigins?: readonly string[];
  /**
   * Whether a response means that the server refused the request because of its token: then the session refreshes, and the request is
   * resent. `response.data` is the body as the caller will get it. If the function throws or returns a promise, the response does
   * not count as refused, and the session reports `callback-failed`.
   *
   * @defaultValue `({ status }) => status === 401`
   */
  isUnauthorized?(this: void, response: AxiosResponse): boolean;
}

/**
 * Gives the requests of an axios instance a session, so that promise code and generated clients need no change. A request to a trusted
 * origin waits while a refresh runs that it needs, gets the token, and is resent with the new token after a 401. A request that brings
 * its own credentials, or goes elsewhere, is sent as it is. The adapter of a request is looked up when the request is made, so mocks
 * and caches take effect whenever they are set up.
 *
 * If two sessions are attached to one instance, the later one serves all its requests until it is detached. On a server, give each person a
 * client of their own instead of attaching their session to an instance that others use.
 *
 * A request, and any retry with its config, belongs to the owner who is signed in when the instance is called. It rejects with
 * `SessionChangedError` if the owner changes before it is sent, with `SessionExpiredError` or `RefreshFailedError` if the refresh that
 * it waits for fails, with `BodyUsedError` if it would have to be resent and its body can be read only once, and otherwise as axios does.
 *
 * @returns a function that detaches the session
 * @throws InvalidInputError for a value that is no axios instance, for an option of the wrong kind, in Node if neither a base URL nor
 * `trustedOrigins` says who may see the token, or (in development) for an unknown option
 * @example
 * ```ts
 * const instance = axios.create({ baseURL: 'https://api.example.com' });
 * const detach = attachSession(instance, session);
 * const { data } = await instance.get('/me');
 * ```
 */
export function attachSession<T extends TokenSet>(
  given: AxiosLike,
  session: Session<T>,
  attachOptions: AttachSessionOptions = {},
): () => void {
  const instance = axiosInstance(given, 'attachSession()');
  assertKnownOptions('attachSession()', attachOptions, ['trustedOrigins', 'isUnauthorized']);
  const options = safeCopy(attachOptions);
  assertOption('attachSession()', 'isUnauthorized', options.isUnauthorized);
  const internals = internalsOf(session);
  const trusted = trustedBy(instance, options.trustedOrigins, 'attachSession()');
  const onOwnCredentials = defaultCredentialsWarning(instance);
  const use = { instance, internals, trusted, isUnauthorized: options.isUnauthorized, onOwnCredentials };
  const { request } = instance.interceptors;

  /** Whose request it is (`Call`), by the config that axios made for the request. Used only if `runWhen` below cannot set `fulfilled`. */
  const calls = new WeakMap<object, Call>();
  /** Gives a request the adapter that does the session's work, below the interceptors and transforms of the app. */
  const chooseAdapter = (config: InternalAxiosRequestConfig, call: Call): InternalAxiosRequestConfig => {
    if (isMarkedAdapter(config.adapter)) return config;
    const { start, isOwn } = call;
    const isOther = isOwn || hasOptedOut(config);
    const choice = adapterOf(config, instance);
    if (isOther) config.data = bodyForSend(config.data, 0);
    // A request that has opted out by `session: false` keeps its adapter, unless `sluice/devtools` traces the instance: a trace
    // needs an adapter that reports the request.
    if (isOwn || (isOther && traceHookOf(instance)))
      config.adapter = markAdapter((sent) => sendOutsideSession(instance, choice, sent));
    else if (!isOther) config.adapter = markAdapter(sessionAdapter(choice, use, start), call);
    config.transformRequest = requestTransform(config.transformRequest, isOther);
    return config;
  };
  const ofCall = (config: InternalAxiosRequestConfig): InternalAxiosRequestConfig =>
    chooseAdapter(config, calls.get(config) ?? callOf(internals, config.signal));

  const id = request.use(ofCall, null, {
    synchronous: true,
    // Axios calls `runWhen` before any interceptor runs, and reads `fulfilled` of the same handler next. So each call sets a `fulfilled` of
    // its own, which knows whose request it is even if an interceptor replaces the config. If `this` is undefined, `fulfilled` cannot be
    // set, and `ofCall` looks the request up in `calls` by its config.
    runWhen(this: { fulfilled?: typeof ofCall } | undefined, config) {
      const first = callOfAdapter(config.adapter);
      // The adapter is that of another session, of a client without this session, or of a request outside any session: leave the request
      // alone. Decide that now: an interceptor may replace the marked adapter before `fulfilled` runs, and the request would then get the token of this session.
      if (isMarkedAdapter(config.adapter) && first?.internals !== internals) return false;
      const call = first ?? callOf(internals, config.signal);
      if (!call.isOwn && !hasOptedOut(config)) cacheByOwner(instance, call, config);
      if (this) {
        this.fulfilled = (given) => {
          // Restore `fulfilled`: if the handler is copied to another instance, requests of that instance must not count as part of this
          // call.
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

/**
 * Copies the config of a request and opts it out of the session of an attached instance: no token, no waiting, no refresh. Requests of a
 * client take the option `session: false` instead.
 *
 * @example
 * ```ts
 * await instance.post('/auth/sign-in', credentials, withoutSession());
 * ```
 */
export function withoutSession<C extends AxiosRequestConfig>(config?: C): C & { readonly session: false } {
  assertOptions('withoutSession()', config ?? {});
  return Object.assign(safeCopy((config ?? {}) as C), { session: false as const });
}
