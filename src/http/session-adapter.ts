import axios, { type AxiosAdapter, AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import {
  credentialNames,
  readProperty,
  RequestLifecycle,
  type RequestStart,
  type SessionInternals,
} from '../session/internal.ts';
import { cancellable, refuseAborted } from './cancellation.ts';
import { asAsked, copyOf, failedAsAsked, hideRequest } from './conceal-token.ts';
import { guardRedirects, landingOf, tracedFetch } from './redirects.ts';
import { makeBody } from './request-body.ts';
import { type BodyReader, bodyReader } from './response-body.ts';
import { type AdapterChoice, discard, isValidStatus } from './response.ts';
import { hasUserInfo, type TrustedOrigins } from './trusted-origins.ts';

export interface SessionAdapterOptions {
  readonly internals: SessionInternals;
  readonly trusted: TrustedOrigins;
  readonly isUnauthorized?: ((response: AxiosResponse) => boolean) | undefined;
}

/**
 * Wraps the adapter that a request would use: hold, authorize, send, and on 401 send again, all below axios's interceptors and
 * transforms. They run once a request, and never see a 401 that is about to heal.
 *
 * @param start - what was noted of the session when the request was called: it says whose request it is
 */
export function sessionAdapter(
  choice: AdapterChoice,
  options: SessionAdapterOptions,
  start: RequestStart,
): AxiosAdapter {
  return (config) => drive(config, choice, options, start);
}

/** One request, from the adapter's call to its outcome. */
async function drive(
  config: InternalAxiosRequestConfig,
  choice: AdapterChoice,
  options: SessionAdapterOptions,
  start: RequestStart,
): Promise<AxiosResponse> {
  const { internals, trusted, isUnauthorized: predicate } = options;
  let state = internals.state;
  const isOther = !trusted.trusts(config) || internals.isOwnRequest(config.signal);
  /** `null` where the request has no part in the session. */
  let authorization = isOther ? null : authorizationOf(config, internals);
  const reader = authorization && predicate && bodyReader(config);
  const lifecycle = new RequestLifecycle(internals, start);
  lifecycle.begin();
  try {
    for (let sends = 0; ; sends += 1) {
      if (authorization) {
        for (let wait$ = lifecycle.waitBeforeSend(); wait$; wait$ = lifecycle.waitBeforeSend())
          await cancellable(wait$, config);
        lifecycle.noteSent();
        // Who hears of the resend may have left.
        refuseAborted(config);
        // The store may have been read meanwhile.
        if (state !== internals.state) authorization = authorizationOf(config, internals);
        state = internals.state;
      }

      let response: AxiosResponse | undefined;
      let failure: { readonly error: unknown } | undefined;
      let sent: InternalAxiosRequestConfig | undefined = copyOf(config);
      try {
        makeBody(sent, sends);
        // Who is asked for a body may leave instead, or give credentials along with it.
        refuseAborted(config);
        if (authorization && typeof config.data === 'function') authorization = authorizationOf(sent, internals);
        response = asAsked(await send(choice, sent, authorization, options), config);
      } catch (error) {
        failure = { error: failedAsAsked(error, config, sent, authorization) };
        // An adapter of one's own may throw, whatever validateStatus says.
        response = (error as Partial<AxiosError> | undefined)?.response;
      }
      const mayHeal = authorization && (predicate ?? response?.status === 401);
      const heal$ =
        mayHeal && response && isRefused(response, options, reader) ? lifecycle.waitAfterUnauthorized(response) : null;
      if (!heal$) {
        if (failure || !response) throw failure?.error;
        return authorization && response.status === 401 ? settled(response, config) : response;
      }
      // Sent again, or the caller leaves, or the refresh fails: nobody gets to see the 401.
      discard(response);
      reader?.forget();
      // Not held while the refresh runs.
      response = failure = sent = undefined;
      lifecycle.noteRecovery(await cancellable(heal$, config));
    }
  } finally {
    lifecycle.end();
  }
}

/** Sends a request, with what makes it the session's. */
function send(
  choice: AdapterChoice,
  request: InternalAxiosRequestConfig,
  authorization: Record<string, string> | null,
  { trusted }: SessionAdapterOptions,
): Promise<AxiosResponse> {
  if (authorization) {
    const { validateStatus, env } = request;
    request.headers.set(authorization);
    // A 401 is judged afterwards: to be made into an error costs as much as the request.
    request.validateStatus = (status) => status === 401 || isValidStatus({ validateStatus }, status);
    request.beforeRedirect = guardRedirects(request, trusted, authorization);
    request.env = { ...env, fetch: (readProperty(env, 'fetch') ?? tracedFetch) as typeof fetch };
  }
  return axios.getAdapter(choice, request)(request);
}

/** Whether an answer says that the request was refused for want of a good token. */
function isRefused(
  response: AxiosResponse,
  { trusted, isUnauthorized: predicate }: SessionAdapterOptions,
  reader: BodyReader | null | undefined,
): boolean {
  const landing = landingOf(response);
  if (landing && !trusted.includes(landing)) return false;
  try {
    return !predicate || predicate({ ...response, data: reader?.read(response) });
  } catch {
    return false;
  }
}

/** The headers for a request; `null` if it brings credentials of its own, whose 401 says nothing of the session's. */
function authorizationOf(
  config: InternalAxiosRequestConfig,
  internals: SessionInternals,
): Record<string, string> | null {
  const { headers, auth } = config;
  const authorization = internals.authorization();
  const hasOwn = credentialNames(internals, authorization).some(
    (name) => headers.has(name) || (/^authorization$/i.test(name) && (auth !== undefined || hasUserInfo(config))),
  );
  return hasOwn ? null : authorization;
}

/** A 401 as the caller's own `validateStatus` would have it; throws the error that axios would have made. */
export function settled(response: AxiosResponse, config: InternalAxiosRequestConfig): AxiosResponse {
  const { status } = response;
  if (isValidStatus(config, status)) return response;
  const message = `Request failed with status code ${status}`;
  const error = new AxiosError(message, AxiosError.ERR_BAD_REQUEST, config, response.request, response);
  hideRequest(error);
  throw error;
}
