import {
  CanceledError,
  type AxiosAdapter,
  type AxiosError,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import { identity } from 'rxjs';
import type { Session, SessionState } from '../session/index.ts';
import { credentialNames, type Gate, gateOf, passage } from '../session/internal.ts';
import { bodyOfSend } from './body.ts';
import { cancellable } from './cancellation.ts';
import { landingOf, tracedFetch } from './landing.ts';
import { guardRedirects } from './redirects.ts';
import { bodyReader } from './response-body.ts';
import { discard, isResponse, isValidStatus, settled } from './response.ts';
import { type AdapterChoice, ownHeaders, transmit } from './transmit.ts';
import { isAbsolute, type TrustedOrigins } from './trusted-origins.ts';

export interface SessionAdapterOptions {
  readonly session: Session;
  readonly trusted: TrustedOrigins;
  readonly isUnauthorized?: ((response: AxiosResponse) => boolean) | undefined;
  /** Whose request it is: the session when it was made, if that was before the adapter is called. */
  readonly made?: SessionState;
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

  const adapter: AxiosAdapter = async (config) => {
    let sends = 0;
    const sendAsIs = (): Promise<AxiosResponse> =>
      transmit(choice, config, { ...config, data: bodyOfSend(config.data, sends++) });
    let isOwn = hasOwnCredentials(config, gate);
    if (isOwn || !trusted.trusts(config) || gate.isRefreshItself(config.signal)) return sendAsIs();

    const reader = predicate && bodyReader(config);
    const isUnauthorized = (outcome: unknown): boolean => {
      if (isOwn) return false;
      // An adapter of one's own may throw, whatever validateStatus says.
      const response = isResponse(outcome) ? outcome : (outcome as Partial<AxiosError> | undefined)?.response;
      if (!response || (!reader && response.status !== 401)) return false;
      const landing = landingOf(response);
      if (landing && !trusted.includes(landing)) return false;
      try {
        return !reader || predicate({ ...response, data: reader(response) });
      } catch {
        return false;
      }
    };

    const send = async (): Promise<AxiosResponse> => {
      // Who hears of the resend may have left: Node's adapter sends all the same when its signal is aborted beforehand.
      if (config.signal?.aborted) throw new CanceledError(undefined, config);
      // Asked again, when the store has been read.
      isOwn = hasOwnCredentials(config, gate);
      if (isOwn) return sendAsIs();
      const authorization = gate.authorization();
      return transmit(choice, config, {
        ...config,
        // Pristine for each send: an adapter writes Content-Length, XSRF and more into them.
        headers: ownHeaders(config).concat(authorization),
        data: bodyOfSend(config.data, sends++),
        // What may be healed is not made into an error, which costs as much as the request.
        validateStatus: (status) => predicate !== undefined || status === 401 || isValidStatus(config, status),
        beforeRedirect: guardRedirects(config, trusted, authorization),
        env: { ...config.env, fetch: config.env?.fetch ?? tracedFetch },
      });
    };

    const way = passage(gate, options.made ?? gate.state);
    for (;;) {
      for (let wait$ = way.hold(); wait$; wait$ = way.hold()) await cancellable(wait$, config);
      way.send();
      const sent = send();
      const outcome: unknown = await sent.catch(identity);
      const heal$ = isUnauthorized(outcome) ? way.heal(outcome) : null;
      if (!heal$) return settled(await sent, config);
      try {
        await cancellable(heal$, config);
      } finally {
        // Sent again, or the caller left, or the refresh failed: nobody gets to see the 401.
        if (isResponse(outcome)) discard(outcome);
      }
    }
  };
  return markWrapped(adapter);
}

/** A request that brings its own credentials keeps them, and its 401 says nothing of the session's. */
function hasOwnCredentials(config: InternalAxiosRequestConfig, gate: Gate): boolean {
  const { headers, auth, url = '', baseURL = '' } = config;
  return credentialNames(gate).some((name) => {
    if (headers.has(name)) return true;
    // Of a user in the URL, Node's adapter makes the header.
    return (
      /^authorization$/i.test(name) &&
      (auth !== undefined || /^([a-z][a-z\d+.-]*:)?\/\/[^/?#\\]*@/i.test(isAbsolute(url) ? url : baseURL))
    );
  });
}
