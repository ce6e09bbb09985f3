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
import { isWithoutSession, markWrapped } from './adapter-mark.ts';
import { onlyOwn, pristine } from './axios-defaults.ts';
import { cacheByOwner } from './cache-by-owner.ts';
import { callOf } from './call.ts';
import { refuseAborted } from './cancellation.ts';
import { complete, type LateDefaults } from './client-instance.ts';
import { fromAxios } from './from-axios.ts';
import { bodyOfSend, sendable } from './request-body.ts';
import { readStrictly } from './response-body.ts';
import { type AdapterChoice, isResponse } from './response.ts';
import { safeCopy } from './safe-copy.ts';
import { sendAsIs } from './send-as-is.ts';
import { sessionAdapter } from './session-adapter.ts';
import type { TrustedOrigins } from './trusted-origins.ts';

/** What a client's exchanges have in common. */
export interface ExchangeOptions {
  readonly instance: AxiosInstance;
  /** What its defaults lack. */
  readonly late: LateDefaults;
  readonly session: Session | undefined;
  readonly trusted: TrustedOrigins;
  readonly isUnauthorized: ((response: AxiosResponse) => boolean) | undefined;
  readonly onOwnCredentials: (() => void) | undefined;
}

/** A request and what is wanted of its response, cold. `sent` is called for each send. */
export type Exchange = <T>(
  config: ExchangeConfig,
  project: (response: AxiosResponse) => T | PromiseLike<T>,
  sent?: () => void,
) => Observable<T>;

export type ExchangeConfig = AxiosRequestConfig & { readonly signal?: AbortSignal };

/** Sends through an axios instance, which stays as it is: what is needed travels in each request's own adapter. */
export function exchanges({ instance, late, session, ...use }: ExchangeOptions): Exchange {
  const internals = session && internalsOf(session);

  return (config, project, sent) =>
    fromAxios(instance, () => {
      // Asked now, since `refresh` makes its requests synchronously.
      const call = internals && callOf(internals, config.signal);
      const isPlain = !call || call.isOwn || isWithoutSession(config);
      const transport = announced(config.adapter ?? instance.defaults.adapter, sent);
      const wire: AxiosAdapter = isPlain
        ? (request) => sendAsIs(transport, request)
        : sessionAdapter(transport, { ...use, instance, internals: call.internals }, call.start);

      let response: AxiosResponse | undefined;
      // Marked, since the instance may be attached as well.
      const adapter = markWrapped(async (request) => {
        // Who leaves at once sends nothing: a browser sends from another process, and an abort may come too late there.
        await Promise.resolve();
        refuseAborted(request);
        readStrictly(request);
        complete(request, late);
        // Else a timeout is called ECONNABORTED by some adapters and ETIMEDOUT by others.
        request.transitional = { ...request.transitional, clarifyTimeoutError: true };
        try {
          response = await wire(request);
          return response;
        } catch (error) {
          // An interceptor may make an answer of it.
          ({ response } = (error ?? {}) as Partial<AxiosError>);
          throw error;
        }
      }, call);
      const { transformRequest = instance.defaults.transformRequest } = config;
      const data: unknown = isPlain ? bodyOfSend(config.data, 0) : config.data;

      const request = Object.assign(safeCopy(config), {
        data,
        transformRequest: sendable(transformRequest, isPlain),
        adapter,
      });
      if (!isPlain) cacheByOwner(instance, call, request);
      // Transforms of one's own may look at all that a request has.
      if (!onlyOwn(transformRequest, pristine.transformRequest)) complete(request, late);

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
function announced(choice: AdapterChoice, sent: (() => void) | undefined): AdapterChoice {
  if (!sent) return choice;
  return (request) => {
    sent();
    refuseAborted(request);
    return axios.getAdapter(choice, request)(request);
  };
}
