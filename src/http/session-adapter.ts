import {
  type AxiosAdapter,
  type AxiosError,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import type { Observable } from 'rxjs';
import type { SessionState } from '../session/index.ts';
import { credentialNames, type Gate, type Healed, Passage } from '../session/internal.ts';
import { bodyOfSend } from './body.ts';
import { cancellable, refuseAborted } from './cancellation.ts';
import { landingOf, tracedFetch } from './landing.ts';
import { guardRedirects } from './redirects.ts';
import { bodyReader } from './response-body.ts';
import { discard, isResponse, isValidStatus, settled } from './response.ts';
import { type AdapterChoice, copyOf, transmit } from './transmit.ts';
import { isAbsolute, type TrustedOrigins } from './trusted-origins.ts';

export interface SessionAdapterOptions {
  readonly gate: Gate;
  readonly trusted: TrustedOrigins;
  readonly isUnauthorized?: ((response: AxiosResponse) => boolean) | undefined;
}

/** On adapters that know their session, if any: an instance that is attached leaves them alone. */
const wrapped: unique symbol = Symbol.for('sluice.wrapped');

export function markWrapped(adapter: AxiosAdapter & { [wrapped]?: boolean }): AxiosAdapter {
  adapter[wrapped] = true;
  return adapter;
}

/** Whether a request has opted out. */
export function isWithoutSession(config: AxiosRequestConfig): boolean {
  return (config as { session?: unknown }).session === false;
}

/** Whether a request has been given to a session already, or to none by a client that has none. */
export function isWrapped(adapter: unknown): boolean {
  return typeof adapter === 'function' && wrapped in adapter;
}

/**
 * Wraps the adapter that a request would use: hold, authorize, send, and on 401 send again, all below axios's interceptors and
 * transforms. They run once a request, and never see a 401 that is about to heal.
 *
 * @param made - the session when the request was made, if that was before the adapter is called: it says whose request it is
 */
export function sessionAdapter(
  choice: AdapterChoice,
  options: SessionAdapterOptions,
  made?: SessionState,
): AxiosAdapter {
  const { gate, trusted, isUnauthorized: predicate } = options;

  return async (config) => {
    let state = gate.state;
    let authorization = gate.authorization();
    const isOther = hasOwnCredentials(config, gate, authorization) || !trusted.trusts(config);
    if (isOther || gate.isRefreshItself(config.signal))
      return transmit(choice, config, copyOf(config, bodyOfSend(config.data, 0)));

    const read = predicate && bodyReader(config);
    const way = new Passage(gate, made ?? state);
    for (let sends = 0; ; sends += 1) {
      for (let wait$ = way.hold(); wait$; wait$ = way.hold()) await cancellable(wait$, config);
      way.send();
      // Who hears of the resend may have left.
      refuseAborted(config);
      if (state !== gate.state) {
        state = gate.state;
        authorization = gate.authorization();
        // The store may have been read meanwhile.
        if (hasOwnCredentials(config, gate, authorization))
          return transmit(choice, config, copyOf(config, bodyOfSend(config.data, sends)));
      }

      let outcome: unknown;
      let failed = false;
      try {
        outcome = await transmit(
          choice,
          config,
          authorized(copyOf(config, bodyOfSend(config.data, sends)), authorization, options),
        );
      } catch (error) {
        outcome = error;
        failed = true;
      }
      const heal$ = healing(outcome, way, options, read);
      if (failed && !heal$) throw outcome;
      if (!heal$) return settled(outcome as AxiosResponse, config);
      // Not held while the refresh runs.
      outcome = null;
      way.healed(await cancellable(heal$, config));
    }
  };
}

/** Gives one send what makes it the session's. */
function authorized(
  send: InternalAxiosRequestConfig,
  authorization: Record<string, string>,
  { trusted, isUnauthorized }: SessionAdapterOptions,
): InternalAxiosRequestConfig {
  const { validateStatus, env } = send;
  send.headers.set(authorization);
  // What may be healed is not made into an error, which costs as much as the request.
  send.validateStatus = (status) =>
    isUnauthorized !== undefined || status === 401 || isValidStatus({ validateStatus }, status);
  send.beforeRedirect = guardRedirects(send, trusted, authorization);
  send.env = { ...env, fetch: env?.fetch ?? tracedFetch };
  return send;
}

/** What to wait for before a request is sent again that was refused for want of a good token; `null` if this is its outcome. */
function healing(
  outcome: unknown,
  way: Passage,
  { trusted, isUnauthorized: predicate }: SessionAdapterOptions,
  read: ((response: AxiosResponse) => unknown) | undefined,
): Observable<Healed> | null {
  // An adapter of one's own may throw, whatever validateStatus says.
  const response = isResponse(outcome) ? outcome : (outcome as Partial<AxiosError> | undefined)?.response;
  if (!response || (!predicate && response.status !== 401)) return null;
  const landing = landingOf(response);
  if (landing && !trusted.includes(landing)) return null;
  try {
    if (predicate && !predicate({ ...response, data: read?.(response) })) return null;
  } catch {
    return null;
  }
  const heal$ = way.heal(outcome);
  // Sent again, or the caller leaves, or the refresh fails: nobody gets to see the 401.
  if (heal$) discard(response);
  return heal$;
}

/** A request that brings its own credentials keeps them, and its 401 says nothing of the session's. */
function hasOwnCredentials(
  { headers, auth, url = '', baseURL = '' }: InternalAxiosRequestConfig,
  gate: Gate,
  authorization: Record<string, string>,
): boolean {
  return credentialNames(gate, authorization).some((name) => {
    if (headers.has(name)) return true;
    // Of a user in the URL, Node's adapter makes the header.
    return (
      /^authorization$/i.test(name) &&
      (auth !== undefined || /^([a-z][a-z\d+.-]*:)?\/\/[^/?#\\]*@/i.test(isAbsolute(url) ? url : baseURL))
    );
  });
}
