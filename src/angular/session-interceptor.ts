import { DOCUMENT } from '@angular/common';
import {
  HttpErrorResponse,
  type HttpEvent,
  type HttpInterceptorFn,
  HttpResponse,
  type HttpResponseBase,
  type HttpRequest,
} from '@angular/common/http';
import { inject, type InjectionToken } from '@angular/core';
import { concatMap, defer, from, type Observable, tap } from 'rxjs';
import { keepsToken, trustedOrigins } from '../http/internal.ts';
import { retryOnUnauthorized, type Session } from '../session/index.ts';
import {
  assertKnownOptions,
  bringsCredentials,
  internalsOf,
  type RequestHeaders,
  type RequestTarget,
} from '../session/internal.ts';
import { pageOf } from './page.ts';
import { renewXsrfHeader } from './renew-xsrf-header.ts';
import { SESSION } from './session-token.ts';
import { SKIP_SESSION } from './skip-session.ts';

/** How Angular's HttpClient and a session work together. */
export interface SessionInterceptorOptions {
  /** Under which token the session is provided. @defaultValue `SESSION` */
  readonly session?: InjectionToken<Session>;
  /**
   * Origins that may see the token besides the page's own, such as `https://api.example.com`. Compared whole: scheme, host and
   * port.
   */
  readonly trustedOrigins?: readonly string[];
  /**
   * Which of the requests to trusted origins are for this session, where an application has several.
   *
   * @defaultValue all of them
   */
  appliesTo?(this: void, request: HttpRequest<unknown>): boolean;
  /**
   * Whether an answer, `HttpErrorResponse` or `HttpResponse`, means that its request was refused for want of a good token. One
   * that throws means no.
   *
   * @defaultValue an `HttpErrorResponse` with status 401
   */
  isUnauthorized?(this: void, response: HttpResponseBase): boolean;
}

/**
 * An interceptor for `withInterceptors()`: gives requests to trusted origins the token, holds them while a refresh runs that
 * they need, and sends them again when their token was rejected. List it last, so that those before it see only the outcome.
 * Requests that bring their own credentials, JSONP, and what `refresh` itself requests go through as they are.
 * Whose request it is, and whether `refresh` makes it, is known when it arrives here: too late if an interceptor before this one is
 * asynchronous. Then mark the requests of `refresh` with `SKIP_SESSION`, or list this one first.
 *
 * @throws InvalidInputError for a trusted origin that is none, or (in development) an unknown option
 * @example
 * ```ts
 * provideHttpClient(withInterceptors([createSessionInterceptor({ trustedOrigins: ['https://api.example.com'] })]));
 * ```
 */
export function createSessionInterceptor(options: SessionInterceptorOptions = {}): HttpInterceptorFn {
  const { session: token = SESSION, trustedOrigins: listed, appliesTo, isUnauthorized: predicate } = options;
  assertKnownOptions('createSessionInterceptor()', options, [
    'session',
    'trustedOrigins',
    'appliesTo',
    'isUnauthorized',
  ]);
  const trusted = trustedOrigins(() => undefined, listed);

  return (request, next) => {
    const page = pageOf(inject(DOCUMENT));
    const isOurs = (url: string): boolean => page.owns(url) || trusted.includes(page.resolve(url));
    const isForOthers =
      request.context.get(SKIP_SESSION) ||
      // A script element carries no headers.
      request.method === 'JSONP' ||
      !isOurs(request.urlWithParams) ||
      appliesTo?.(request) === false;
    // Before the session is injected: its factory may need the configuration that this request loads.
    if (isForOthers) return next(request);

    const session = inject(token);
    const internals = internalsOf(session);
    const target: RequestTarget = { method: request.method, url: page.resolve(request.urlWithParams) };
    const has = (name: string): boolean => request.headers.has(name);
    const bringsOwn = (): boolean => bringsCredentials(internals, target, has);
    if (internals.isOwnRequest() || bringsOwn()) return next(request);

    const xsrfHeader = renewXsrfHeader(request);
    /** The token's headers in the last send; `null` if the request brings its own. */
    let sent: RequestHeaders | null = null;
    /** Not where it was redirected to where the token did not go along: that says nothing of the token, and brings no nonce for it. */
    const isForToken = (outcome: unknown): outcome is HttpErrorResponse | HttpResponse<unknown> =>
      sent !== null &&
      (outcome instanceof HttpErrorResponse || outcome instanceof HttpResponse) &&
      (outcome.url === null || keepsToken(target.url, page.resolve(outcome.url), sent, { includes: isOurs }));
    const isUnauthorized = (outcome: unknown): boolean => {
      if (!isForToken(outcome)) return false;
      return predicate ? predicate(outcome) : outcome instanceof HttpErrorResponse && outcome.status === 401;
    };
    const noteNonce = (outcome: unknown): void => {
      if (isForToken(outcome)) internals.noteNonce(target, outcome);
    };
    const send = (headers: RequestHeaders | null, ownerChanges: number): Observable<HttpEvent<unknown>> => {
      // Another person may have signed in while the proof was made.
      if (internals.ownerChanges !== ownerChanges) throw internals.ownerChangeError(ownerChanges);
      // Looked at again: what counts as credentials may be known by now only.
      sent = headers && !Object.keys(headers).some(has) ? headers : null;
      return next(request.clone({ setHeaders: { ...xsrfHeader(), ...sent } }));
    };
    // The token is read for each send, whoever sends again: this operator, or an interceptor before this one.
    return defer(() => {
      const { ownerChanges } = internals;
      const made = bringsOwn() ? null : internals.authorization(target);
      if (!(made instanceof Promise)) return send(made, ownerChanges);
      return from(made).pipe(concatMap((headers) => send(headers, ownerChanges)));
    }).pipe(
      tap<HttpEvent<unknown>>({ next: noteNonce, error: noteNonce }),
      retryOnUnauthorized(session, { isUnauthorized }),
    );
  };
}

/** The interceptor for one session and an API on the page's own origin. See `createSessionInterceptor` for others. */
export const sessionInterceptor: HttpInterceptorFn = /* @__PURE__ */ createSessionInterceptor();
