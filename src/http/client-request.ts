import axios, {
  type AxiosAdapter,
  type AxiosError,
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import type { Observable } from 'rxjs';
import { eitherSignal, type SessionInternals } from '../session/internal.ts';
import { hasOptedOut, markAdapter } from './adapter-mark.ts';
import { axiosDefaults, soleDefaultTransform } from './axios-defaults.ts';
import { cacheByOwner } from './cache-by-owner.ts';
import { callOf } from './call.ts';
import { throwIfAborted } from './cancellation.ts';
import { type DeferredDefaults, restoreDefaults } from './client-instance.ts';
import { withData } from './conceal-token.ts';
import { fromAxios, type Prepared } from './from-axios.ts';
import { bodyForSend, requestTransform } from './request-body.ts';
import { readStrictly } from './response-body.ts';
import { type AdapterChoice, adapterOf, isResponse } from './response.ts';
import { safeCopy } from './safe-copy.ts';
import { sendOutsideSession } from './send-as-is.ts';
import { sessionAdapter } from './session-adapter.ts';
import type { TrustedOrigins } from './trusted-origins.ts';

/** What all requests of a client have in common. */
export interface ExecutorOptions {
  readonly instance: AxiosInstance;
  /**
   * The defaults that `clientInstance` took out of `instance` (`transitional` and `env`), because axios is slow to merge them. They must be
   * put back into each request: its adapter reads them.
   */
  readonly deferred: DeferredDefaults;
  readonly internals: SessionInternals | undefined;
  readonly trusted: TrustedOrigins;
  readonly isUnauthorized: ((response: AxiosResponse) => boolean) | undefined;
  readonly onOwnCredentials: (() => void) | undefined;
}

/**
 * Is called before each send.
 *
 * @param request - the copy of the config for this send, which may be changed
 * @param choice - the adapter that sends it
 */
export type OnSend = (request: InternalAxiosRequestConfig, choice: AdapterChoice) => void;

/** Makes a request a cold Observable, which emits what `project` makes of the response. */
export type Execute = <T>(
  config: ExecuteConfig,
  project: (response: AxiosResponse) => T | PromiseLike<T>,
  onSend?: OnSend,
) => Observable<T>;

export type ExecuteConfig = AxiosRequestConfig & { readonly signal?: AbortSignal };

/**
 * Makes the function that sends a client's requests through an axios instance. The instance stays as it is, because all that a request
 * needs is in the adapter that its config gets.
 */
export function requestExecutor({ instance, deferred, internals, ...use }: ExecutorOptions): Execute {
  return (config, project, onSend) =>
    fromAxios(instance, () => {
      // Must be noted synchronously at the subscription: a request without a signal can be recognised as one that `refresh` makes only
      // until `refresh` returns.
      const call = internals && callOf(internals, config.signal);
      const isOutsideSession = !call || call.isOwn || hasOptedOut(config);
      const choice = notingSends(adapterOf(config, instance), onSend);
      const send: AxiosAdapter = isOutsideSession
        ? (request) => sendOutsideSession(instance, choice, request)
        : sessionAdapter(choice, { ...use, instance, internals: call.internals }, call.start);

      let response: AxiosResponse | undefined;
      // Marked, because a session may be attached to the instance as well, and must leave this request alone.
      const adapter = markAdapter(async (request) => {
        // An interceptor may have given the request a signal of its own. Unsubscribing must abort the request all the same.
        const { signal: own } = prepared;
        const { signal } = request;
        if (own && signal !== own) request.signal = signal ? eitherSignal(own, signal as AbortSignal) : own;
        // Wait one microtask, so that unsubscribing in the same tick sends nothing: browsers send from another process, where an
        // abort can lose the race.
        await Promise.resolve();
        throwIfAborted(request);
        readStrictly(request);
        restoreDefaults(request, deferred);
        // Without this, the code of a timeout is ECONNABORTED with some adapters and ETIMEDOUT with others.
        request.transitional = { ...request.transitional, clarifyTimeoutError: true };
        try {
          response = await send(request);
          return response;
        } catch (error) {
          // Keep the response of an error: if an interceptor recovers from the error, `fromAxios` must still find this response, whose body
          // may be a stream that has to be ended.
          ({ response } = (error ?? {}) as Partial<AxiosError>);
          throw error;
        }
      }, call);
      const { transformRequest = instance.defaults.transformRequest } = config;
      const data: unknown = isOutsideSession ? bodyForSend(config.data, 0) : config.data;

      const prepared: Prepared<unknown>['request'] = Object.assign(safeCopy(config), {
        data,
        transformRequest: requestTransform(transformRequest, isOutsideSession),
        adapter,
      });
      if (!isOutsideSession) cacheByOwner(instance, call, prepared);
      // Transforms of the app run before the adapter does, and may read the deferred defaults.
      if (!soleDefaultTransform(transformRequest, axiosDefaults.transformRequest)) restoreDefaults(prepared, deferred);

      return {
        request: prepared,
        received: () => response,
        // An interceptor may return the body, or anything else, in place of the response: that value is the body then.
        project: (value) =>
          project(isResponse(value) || value === response ? (value as AxiosResponse) : withData(response, value)),
      };
    });
}

/** Returns an adapter that calls `onSend` before each send. */
function notingSends(choice: AdapterChoice, onSend: OnSend | undefined): AdapterChoice {
  if (!onSend) return choice;
  return (request) => {
    onSend(request, choice);
    throwIfAborted(request);
    return axios.getAdapter(choice, request)(request);
  };
}
