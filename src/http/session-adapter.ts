import axios, {
  type AxiosAdapter,
  type AxiosError,
  type AxiosInstance,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import { from } from 'rxjs';
import {
  bringsCredentials,
  readProperty,
  type RequestHeaders,
  RequestLifecycle,
  type RequestStart,
  type SessionInternals,
} from '../session/internal.ts';
import { failCached } from './cache-by-owner.ts';
import { throwIfAborted, unlessAborted } from './cancellation.ts';
import { concealToken, copyForSend, withCallerConfig } from './conceal-token.ts';
import { type HeldBody, heldBody, releaseBody, sendHeld } from './held-body.ts';
import { fetchNotingFinalUrl, RedirectTrail } from './redirects.ts';
import { makeBody } from './request-body.ts';
import { AxiosTarget } from './request-target.ts';
import { type BodyReader, bodyReader } from './response-body.ts';
import { type AdapterChoice, isValidStatus, settle } from './response.ts';
import { sendAsIs } from './send-as-is.ts';
import { hasUserInfo, type TrustedOrigins } from './trusted-origins.ts';

export interface SessionAdapterOptions {
  readonly instance: AxiosInstance;
  readonly internals: SessionInternals;
  readonly trusted: TrustedOrigins;
  readonly isUnauthorized?: ((response: AxiosResponse) => boolean) | undefined;
  /** Called when a request brings credentials of its own, so that it has no part in the session. */
  readonly onOwnCredentials?: (() => void) | undefined;
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
  const { internals, trusted } = options;
  let transforms: InternalAxiosRequestConfig['transformRequest'];
  return (config) => {
    // A body that is made for each send is transformed for each, too. axios-retry takes the transforms away, since any other body
    // has been transformed by the first try, whose adapter a retry has.
    if (typeof config.data === 'function') config.transformRequest = transforms ??= config.transformRequest ?? [];
    if (!trusted.trusts(config) || internals.isOwnRequest(config.signal)) return sendAsIs(choice, config);
    if (!bringsOwnCredentials(config, internals)) return new SessionRequest(config, choice, options, start).run();
    options.onOwnCredentials?.();
    return sendAsIs(choice, config);
  };
}

/** What one send came to: an answer, a failure, or the failure that was made of an answer. */
interface Outcome {
  readonly response: AxiosResponse | undefined;
  readonly failure?: { readonly error: unknown };
  /** The answer is one to the session's token. */
  readonly isForToken: boolean;
}

/** One request, from the adapter's call to its outcome. */
class SessionRequest {
  readonly #config: InternalAxiosRequestConfig;
  readonly #choice: AdapterChoice;
  readonly #options: SessionAdapterOptions;
  readonly #lifecycle: RequestLifecycle;
  readonly #reader: BodyReader | undefined;
  /** The names of headers that the request is known not to bring. */
  #checked: readonly string[] | undefined;
  #sends = 0;

  constructor(
    config: InternalAxiosRequestConfig,
    choice: AdapterChoice,
    options: SessionAdapterOptions,
    start: RequestStart,
  ) {
    this.#config = config;
    this.#choice = choice;
    this.#options = options;
    this.#lifecycle = new RequestLifecycle(options.internals, start);
    this.#reader = options.isUnauthorized && bodyReader(config);
    this.#checked = options.internals.credentialNames;
  }

  async run(): Promise<AxiosResponse> {
    const lifecycle = this.#lifecycle;
    lifecycle.begin();
    try {
      for (;;) {
        for (let wait$ = lifecycle.waitBeforeSend(); wait$; wait$ = lifecycle.waitBeforeSend())
          await unlessAborted(wait$, this.#config);
        let outcome: Outcome | undefined = await this.#send();
        const wait$ = this.#isRefused(outcome) ? lifecycle.waitAfterUnauthorized(outcome.response) : null;
        if (!wait$) return this.#settle(outcome);
        // Sent again, or the caller leaves, or the refresh fails: nobody gets to see the 401, nor is it held while the refresh runs.
        if (outcome.response) releaseBody(outcome.response);
        this.#reader?.forget();
        outcome = undefined;
        lifecycle.noteRecovery(await unlessAborted(wait$, this.#config));
      }
    } catch (error) {
      failCached(this.#options.instance, this.#config, error);
      throw error;
    } finally {
      lifecycle.end();
    }
  }

  /** Sends the request with the session's token. The only place that does. */
  async #send(): Promise<Outcome> {
    const config = this.#config;
    const { internals, trusted } = this.#options;
    const sent = copyForSend(config);
    let headers: RequestHeaders | null = null;
    let trail: RedirectTrail | undefined;
    const conceal = (error: unknown): unknown => concealToken(error, config, sent, headers);
    const isForToken = (response: AxiosResponse, isError: boolean): boolean => {
      const body = heldBody(response);
      // The body of an error answer is rarely read, and would keep the session for ever.
      if (body && !isError) this.#keepSession(body);
      if (body && Object.keys(headers ?? {}).length > 0) this.#endWithOwner(body);
      if (!trail?.reached(response)) return false;
      internals.noteNonce(new AxiosTarget(sent), response);
      return true;
    };
    try {
      this.#lifecycle.noteSent();
      // Listeners that hear of the resend, and code that is asked for a body or a proof, may abort this request, sign out or sign in.
      throwIfAborted(config);
      makeBody(sent, this.#sends++);
      this.#assertWanted();
      const target = new AxiosTarget(sent);
      const made = this.#bringsOwn(sent) ? null : internals.authorization(target);
      headers = made instanceof Promise ? await unlessAborted(from(made), config) : made;
      this.#assertWanted();
      if (headers && !this.#bringsOwn(sent)) trail = setToken(sent, target, headers, trusted);
      const response = await sendHeld(sent, (request) => axios.getAdapter(this.#choice, request)(request), conceal);
      return { response: withCallerConfig(response, config), isForToken: isForToken(response, false) };
    } catch (error) {
      // An adapter of one's own may throw, whatever validateStatus says.
      const response = (error as Partial<AxiosError> | undefined)?.response;
      const failure = { error: conceal(error) };
      return { response, isForToken: response !== undefined && isForToken(response, true), failure };
    }
  }

  /** Looked at again when something has changed: the body with its factory, or the names of the token's headers. */
  #bringsOwn(sent: InternalAxiosRequestConfig): boolean {
    const { internals } = this.#options;
    const { credentialNames } = internals;
    // As long as no names are known, what counts depends on whether the store has been read.
    if (credentialNames && credentialNames === this.#checked && typeof this.#config.data !== 'function') return false;
    this.#checked = credentialNames;
    return bringsOwnCredentials(sent, internals);
  }

  #assertWanted(): void {
    throwIfAborted(this.#config);
    this.#lifecycle.assertOwner();
  }

  /** A pool does not dispose of a session while a body is still being received. */
  #keepSession(body: HeldBody): void {
    this.#lifecycle.begin();
    // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
    body.ended$.subscribe(() => {
      this.#lifecycle.end();
    });
  }

  /** A body that was sent for a token is its owner's alone. */
  #endWithOwner(body: HeldBody): void {
    const lifecycle = this.#lifecycle;
    const subscription = lifecycle.onOwnerChange((error) => {
      body.end(error);
    });
    // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
    body.ended$.subscribe(() => {
      subscription.unsubscribe();
    });
    try {
      lifecycle.assertOwner();
    } catch (error) {
      // The owner has left while the answer was on its way.
      body.end(error);
      throw error;
    }
  }

  /** Whether the answer says that the request was refused for want of a good token. */
  #isRefused({ response, isForToken }: Outcome): boolean {
    if (!response || !isForToken) return false;
    const { isUnauthorized } = this.#options;
    if (!isUnauthorized) return response.status === 401;
    try {
      return isUnauthorized({ ...response, data: this.#reader?.read(response) });
    } catch {
      return false;
    }
  }

  #settle({ response, failure }: Outcome): AxiosResponse {
    if (failure || !response) throw failure?.error;
    if (response.status !== 401) return response;
    try {
      return settle(response, this.#config);
    } catch (error) {
      throw concealToken(error, this.#config, undefined);
    }
  }
}

/** Gives a send its token, and follows where it goes. */
function setToken(
  request: InternalAxiosRequestConfig,
  target: AxiosTarget,
  headers: RequestHeaders,
  trusted: TrustedOrigins,
): RedirectTrail {
  const { validateStatus, env, beforeRedirect } = request;
  const trail = new RedirectTrail(trusted, target, headers);
  request.headers.set(headers);
  // A 401 is judged afterwards: to be made into an error costs as much as the request.
  request.validateStatus = (status) => status === 401 || isValidStatus({ validateStatus }, status);
  request.beforeRedirect = trail.guard(beforeRedirect);
  request.env = { ...env, fetch: fetchNotingFinalUrl(readProperty(env, 'fetch')) };
  return trail;
}

/** Whether a request brings credentials of its own. Of `auth`, and of a user in the URL, adapters make an `Authorization`. */
function bringsOwnCredentials(config: InternalAxiosRequestConfig, internals: SessionInternals): boolean {
  const { headers, auth } = config;
  return bringsCredentials(
    internals,
    new AxiosTarget(config),
    (name) => headers.has(name) || (/^authorization$/i.test(name) && (auth != null || hasUserInfo(config))),
  );
}
