import axios, {
  type AxiosAdapter,
  type AxiosError,
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
} from 'axios';
import type { Observable } from 'rxjs';
import type { Session } from '../session/index.ts';
import { internalsOf } from '../session/internal.ts';
import { hasOptedOut, markAdapter } from './adapter-mark.ts';
import { axiosDefaults, soleDefaultTransform } from './axios-defaults.ts';
import { cacheByOwner } from './cache-by-owner.ts';
import { callOf } from './call.ts';
import { throwIfAborted } from './cancellation.ts';
import { type DeferredDefaults, restoreDefaults } from './client-instance.ts';
import { fromAxios } from './from-axios.ts';
import { bodyForSend, requestTransform } from './request-body.ts';
import { readStrictly } from './response-body.ts';
import { type AdapterChoice, isResponse } from './response.ts';
import { safeCopy } from './safe-copy.ts';
import { sendAsIs } from './send-as-is.ts';
import { sessionAdapter } from './session-adapter.ts';
import type { TrustedOrigins } from './trusted-origins.ts';

/** What a client's exchanges have in common. */
export interface ExecutorOptions {
  readonly instance: AxiosInstance;
  /** What its defaults lack. */
  readonly deferred: DeferredDefaults;
  readonly session: Session | undefined;
  readonly trusted: TrustedOrigins;
  readonly isUnauthorized: ((response: AxiosResponse) => boolean) | undefined;
  readonly onOwnCredentials: (() => void) | undefined;
}

/** A request and what is wanted of its response, cold. `sent` is called for each send. */
export type Execute = <T>(
  config: ExecuteConfig,
  project: (response: AxiosResponse) => T | PromiseLike<T>,
  sent?: () => void,
) => Observable<T>;

export type ExecuteConfig = AxiosRequestConfig & { readonly signal?: AbortSignal };

/** Sends through an axios instance, which stays as it is: what is needed travels in each request's own adapter. */
export function requestExecutor({ instance, deferred, session, ...use }: ExecutorOptions): Execute {
  const internals = session && internalsOf(session);

  return (config, project, sent) =>
    fromAxios(instance, () => {
      // Asked now, since `refresh` makes its requests synchronously.
      const call = internals && callOf(internals, config.signal);
      const isOutsideSession = !call || call.isOwn || hasOptedOut(config);
      const choice = withSentEvent(config.adapter ?? instance.defaults.adapter, sent);
      const send: AxiosAdapter = isOutsideSession
        ? (request) => sendAsIs(choice, request)
        : sessionAdapter(choice, { ...use, instance, internals: call.internals }, call.start);

      let response: AxiosResponse | undefined;
      // Marked, since the instance may be attached as well.
      const adapter = markAdapter(async (request) => {
        // Who leaves at once sends nothing: a browser sends from another process, and an abort may come too late there.
        await Promise.resolve();
        throwIfAborted(request);
        readStrictly(request);
        restoreDefaults(request, deferred);
        // Else a timeout is called ECONNABORTED by some adapters and ETIMEDOUT by others.
        request.transitional = { ...request.transitional, clarifyTimeoutError: true };
        try {
          response = await send(request);
          return response;
        } catch (error) {
          // An interceptor may make an answer of it.
          ({ response } = (error ?? {}) as Partial<AxiosError>);
          throw error;
        }
      }, call);
      const { transformRequest = instance.defaults.transformRequest } = config;
      const data: unknown = isOutsideSession ? bodyForSend(config.data, 0) : config.data;

      const request = Object.assign(safeCopy(config), {
        data,
        transformRequest: requestTransform(transformRequest, isOutsideSession),
        adapter,
      });
      if (!isOutsideSession) cacheByOwner(instance, call, request);
      // Transforms of one's own may look at all that a request has.
      if (!soleDefaultTransform(transformRequest, axiosDefaults.transformRequest)) restoreDefaults(request, deferred);

      return {
        request,
        received: () => response,
        // An instance may unwrap its responses; what it made of one is the body.
        project: (value) =>
          project(
            isResponse(value) || value === response
              ? (value as AxiosResponse)
              : ({ ...response, data: value } as AxiosResponse),
          ),
      };
    });
}

/** The same adapter, which tells of each send. */
function withSentEvent(choice: AdapterChoice, sent: (() => void) | undefined): AdapterChoice {
  if (!sent) return choice;
  return (request) => {
    sent();
    throwIfAborted(request);
    return axios.getAdapter(choice, request)(request);
  };
}
