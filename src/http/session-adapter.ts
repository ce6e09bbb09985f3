import {
  CanceledError,
  type AxiosAdapter,
  type AxiosError,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import { defer, finalize, map } from 'rxjs';
import { retryOnUnauthorized, type Session } from '../session/index.ts';
import { type Gate, gateOf } from '../session/internal.ts';
import { bodyOfSend } from './body.ts';
import { onCancel } from './cancellation.ts';
import { guardRedirects } from './redirects.ts';
import { bodyReader } from './response-body.ts';
import { discard, isResponse, isValidStatus, landingOf, settled } from './response.ts';
import { type AdapterChoice, ownHeaders, transmit } from './transmit.ts';
import type { TrustedOrigins } from './trusted-origins.ts';

export interface SessionAdapterOptions {
  readonly session: Session;
  readonly trusted: TrustedOrigins;
  readonly isUnauthorized?: ((response: AxiosResponse) => boolean) | undefined;
  /** Is given what ends the request when the caller leaves. Cheaper than the config's signal, which serves without it. */
  readonly onLeave?: (cancel: () => void) => void;
}

/** Those that know their session, if any: an instance that is attached leaves them alone. */
const wrapped = new WeakSet<object>();

export function markWrapped(adapter: AxiosAdapter): AxiosAdapter {
  wrapped.add(adapter);
  return adapter;
}

/** Whether a request has opted out. */
export function isWithoutSession(config: AxiosRequestConfig): boolean {
  return (config as { session?: unknown }).session === false;
}

/** Whether a request has been given to a session already, or to none by a client that has none. */
export function isWrapped(adapter: unknown): boolean {
  return typeof adapter === 'function' && wrapped.has(adapter);
}

/**
 * Wraps the adapter that a request would use: hold, authorize, send, and on 401 send again, all below axios's interceptors and
 * transforms. They run once a request, and never see a 401 that is about to heal.
 */
export function sessionAdapter(choice: AdapterChoice, options: SessionAdapterOptions): AxiosAdapter {
  const { session, trusted, isUnauthorized: predicate } = options;
  const gate = gateOf(session);

  const adapter: AxiosAdapter = (config) => {
    if (!trusted.trusts(config) || gate.isRefreshItself(config.signal) || isAuthorizedByCaller(config, gate))
      return transmit(choice, config, { ...config, data: bodyOfSend(config.data, 0) });

    const reader = predicate && bodyReader(config);
    const isUnauthorized = (response: AxiosResponse): boolean => {
      const landing = landingOf(response);
      if (landing && !trusted.includes(landing)) return false;
      return reader ? predicate({ ...response, data: reader(response) }) : response.status === 401;
    };
    let sends = 0;
    let refused: AxiosResponse | undefined;

    const answer$ = defer(async () => {
      discard(refused);
      // Who hears of the resend may have left: Node's adapter sends all the same when its signal is aborted beforehand.
      if (config.signal?.aborted) throw new CanceledError(undefined, config);
      const authorization = gate.authorization();
      const sent: InternalAxiosRequestConfig = {
        ...config,
        // Pristine for each send: an adapter writes Content-Length, XSRF and more into them.
        headers: ownHeaders(config).concat(authorization),
        data: bodyOfSend(config.data, sends++),
        // What may be healed is not made into an error, which costs as much as the request.
        validateStatus: (status) => predicate !== undefined || status === 401 || isValidStatus(config, status),
        beforeRedirect: guardRedirects(config, trusted, authorization),
      };
      refused = await transmit(choice, config, sent);
      return refused;
    }).pipe(
      retryOnUnauthorized(session, {
        isUnauthorized: (outcome) => {
          // An adapter of one's own may throw, whatever validateStatus says.
          const response = isResponse(outcome) ? outcome : (outcome as Partial<AxiosError> | undefined)?.response;
          return response !== undefined && isUnauthorized(response);
        },
      }),
      map((response) => {
        refused = undefined;
        return settled(response, config);
      }),
      // The caller left, or the refresh failed: nobody gets to see the 401.
      finalize(() => {
        discard(refused);
      }),
    );
    return new Promise((resolve, reject) => {
      const subscription = answer$.subscribe({ next: resolve, error: reject });
      const cancel = (): void => {
        if (subscription.closed) return;
        subscription.unsubscribe();
        reject(new CanceledError(undefined, config));
      };
      // The adapter within hears of it only while it sends; this is for the times between.
      options.onLeave?.(cancel);
      if (!options.onLeave || config.cancelToken) subscription.add(onCancel(config, cancel));
    });
  };
  return markWrapped(adapter);
}

/** A request that brings its own credentials keeps them, and its 401 says nothing of the session's. */
function isAuthorizedByCaller(config: InternalAxiosRequestConfig, gate: Gate): boolean {
  return Object.keys(gate.authorization()).some(
    (name) => config.headers.has(name) || (config.auth !== undefined && name.toLowerCase() === 'authorization'),
  );
}
