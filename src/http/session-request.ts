import axios, { type AxiosError, type AxiosInstance, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { from, type Observable } from 'rxjs';
import {
  readProperty,
  type RequestHeaders,
  RequestLifecycle,
  type RequestStart,
  saysUnauthorized,
  type SessionInternals,
} from '../session/internal.ts';
import { failWaitingForCache } from './cache-by-owner.ts';
import { throwIfAborted, unlessAborted } from './cancellation.ts';
import { concealToken, copyForSend, withCallerConfig, withData } from './conceal-token.ts';
import { type HeldBody, heldBody, releaseBody, sendHeld } from './held-body.ts';
import { bringsOwnCredentials } from './own-credentials.ts';
import { fetchNotingFinalUrl, RedirectTrail } from './redirects.ts';
import { makeBody } from './request-body.ts';
import { AxiosTarget } from './request-target.ts';
import { type BodyReader, bodyReader } from './response-body.ts';
import { type AdapterChoice, isValidStatus, settle } from './response.ts';
import type { TrustedOrigins } from './trusted-origins.ts';

/** What all requests of an instance or a client with a session have in common. */
export interface SessionRequestOptions {
  readonly instance: AxiosInstance;
  readonly internals: SessionInternals;
  readonly trusted: TrustedOrigins;
  readonly isUnauthorized?: ((response: AxiosResponse) => boolean) | undefined;
  /** Called when a request has no part in the session because it brings credentials of its own. */
  readonly onOwnCredentials?: (() => void) | undefined;
}

/** How one send ended: with a response, with an error, or with an error that carries a response. */
interface Outcome {
  readonly response: AxiosResponse | undefined;
  readonly failure?: { readonly error: unknown };
  /**
   * Whether `response` answers a request that the session has authorized, and that has not lost the token by a redirect. Only then a 401
   * concerns the session. A request of a session without tokens counts as well: a 401 restores a cookie session.
   */
  readonly isForToken: boolean;
}

/** One request of a session, from the call of its adapter to its outcome: it waits, authorizes, sends, and resends after a 401. */
export class SessionRequest {
  readonly #config: InternalAxiosRequestConfig;
  readonly #choice: AdapterChoice;
  readonly #options: SessionRequestOptions;
  readonly #lifecycle: RequestLifecycle;
  readonly #reader: BodyReader | undefined;
  readonly #onHeld: (() => void) | undefined;
  /** The names of the token's headers when the request was last checked for them. If they change, `#bringsOwn` must check again. */
  #checked: readonly string[] | undefined;
  #sends = 0;

  constructor(
    config: InternalAxiosRequestConfig,
    choice: AdapterChoice,
    options: SessionRequestOptions,
    start: RequestStart,
    onHeld: (() => void) | undefined,
  ) {
    this.#config = config;
    this.#choice = choice;
    this.#options = options;
    this.#lifecycle = new RequestLifecycle(options.internals, start);
    this.#reader = options.isUnauthorized && bodyReader(config);
    this.#onHeld = onHeld;
    this.#checked = options.internals.credentialNames;
  }

  async run(): Promise<AxiosResponse> {
    const lifecycle = this.#lifecycle;
    lifecycle.begin();
    try {
      for (;;) {
        for (let wait$ = lifecycle.waitBeforeSend(); wait$; wait$ = lifecycle.waitBeforeSend()) await this.#wait(wait$);
        let outcome: Outcome | undefined = await this.#send();
        const wait$ = this.#isRefused(outcome) ? lifecycle.waitAfterUnauthorized(outcome.response) : null;
        if (!wait$) return this.#settle(outcome);
        // Whatever comes of the refresh, nobody gets this 401, so do not keep it in memory while the refresh runs.
        if (outcome.response) releaseBody(outcome.response);
        this.#reader?.forget();
        outcome = undefined;
        lifecycle.noteRecovery(await this.#wait(wait$));
      }
    } catch (error) {
      failWaitingForCache(this.#options.instance, this.#config, error);
      throw error;
    } finally {
      lifecycle.end();
    }
  }

  #wait<T>(wait$: Observable<T>): Promise<T> {
    const outcome = unlessAborted(wait$, this.#config);
    // Called last: `wait$` must be subscribed to before code of the app runs, because a later subscription could start another refresh.
    this.#onHeld?.();
    return outcome;
  }

  /** Sends the request once, with the session's token if there is one. An error of the send is part of the outcome. */
  async #send(): Promise<Outcome> {
    const config = this.#config;
    const { internals, trusted } = this.#options;
    const sent = copyForSend(config);
    let headers: RequestHeaders | null = null;
    let trail: RedirectTrail | undefined;
    const conceal = (error: unknown): unknown => concealToken(error, config, sent, headers);
    const isForToken = (response: AxiosResponse, isError: boolean): boolean => {
      const body = heldBody(response);
      // The body of an error is rarely read to its end. If it counted as a request, a `SessionPool` could never dispose of the session.
      if (body && !isError) this.#keepSession(body);
      if (body && Object.keys(headers ?? {}).length > 0) this.#endWithOwner(body);
      if (!trail?.reached(response)) return false;
      internals.noteNonce(new AxiosTarget(sent), response);
      return true;
    };
    try {
      this.#lifecycle.noteSent();
      // Listeners of `request-resent`, body factories and `authorize` are code of the app: each may abort the request, sign in or out.
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
      // Keep the response of the error: an adapter of the app may throw for a 401 although `validateStatus` accepts 401.
      const response = (error as Partial<AxiosError> | undefined)?.response;
      const failure = { error: conceal(error) };
      return { response, isForToken: response !== undefined && isForToken(response, true), failure };
    }
  }

  /**
   * Whether the request brings credentials of its own. Checks that again only if it may have changed: if a body factory may have set
   * headers, or if the token's headers have other names than at the last check.
   */
  #bringsOwn(sent: InternalAxiosRequestConfig): boolean {
    const { internals } = this.#options;
    const { credentialNames } = internals;
    // `credentialNames` is undefined until `authorize` has been called for the first time. Until then always check: a result from before
    // the store was read, when there was no token to authorize with, must not be kept.
    if (credentialNames && credentialNames === this.#checked && typeof this.#config.data !== 'function') return false;
    this.#checked = credentialNames;
    return bringsOwnCredentials(sent, internals);
  }

  #assertWanted(): void {
    throwIfAborted(this.#config);
    this.#lifecycle.assertOwner();
  }

  /** Counts the body as a request, so that a `SessionPool` does not dispose of the session while the body is being received. */
  #keepSession(body: HeldBody): void {
    this.#lifecycle.begin();
    // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
    body.ended$.subscribe(() => {
      this.#lifecycle.end();
    });
  }

  /**
   * Ends a body when the session's owner changes: the server sent it for the former owner's token, and it must not be shown to somebody
   * else.
   */
  #endWithOwner(body: HeldBody): void {
    const lifecycle = this.#lifecycle;
    const subscription = lifecycle.onOwnerChange((error) => {
      body.end(error);
    });
    // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
    body.ended$.subscribe(() => {
      subscription.unsubscribe();
    });
    lifecycle.assertOwner();
  }

  /** Whether a response means that the server refused the request because of its token. */
  #isRefused({ response, isForToken }: Outcome): boolean {
    if (!response || !isForToken) return false;
    const { isUnauthorized, internals } = this.#options;
    if (!isUnauthorized) return response.status === 401;
    let data: unknown;
    try {
      data = this.#reader?.read(response);
    } catch {
      // A transform of the app threw. Axios runs it again, and the request fails with its error.
      return false;
    }
    return saysUnauthorized(internals, () => isUnauthorized(withData(response, data)));
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

/** Adds the token to a send. Returns the trail that tells, after redirects, whether the final request still carried the token. */
function setToken(
  request: InternalAxiosRequestConfig,
  target: AxiosTarget,
  headers: RequestHeaders,
  trusted: TrustedOrigins,
): RedirectTrail {
  const { validateStatus, env, beforeRedirect } = request;
  const transport = request.transport as Parameters<RedirectTrail['guardTransport']>[0] | undefined;
  const trail = new RedirectTrail(trusted, target, headers);
  request.headers.set(headers);
  // Let axios resolve with a 401: making an error, which a resend would drop, takes as long as the request. `#settle` throws it later.
  request.validateStatus = (status) => status === 401 || isValidStatus({ validateStatus }, status);
  request.beforeRedirect = trail.guard(beforeRedirect);
  if (transport) request.transport = trail.guardTransport(transport);
  request.env = { ...env, fetch: fetchNotingFinalUrl(readProperty(env, 'fetch')) };
  return trail;
}
