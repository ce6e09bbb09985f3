import { DOCUMENT } from '@angular/common';
import {
  HttpErrorResponse,
  type HttpEvent,
  type HttpInterceptorFn,
  HttpResponse,
  type HttpResponseBase,
  type HttpRequest,
} from '@angular/common/http';
import { inject, type InjectionToken, untracked } from '@angular/core';
import { concatMap, defer, from, Observable, tap } from 'rxjs';
import { keepsToken, trustedOrigins } from '../http/internal.ts';
import { retryOnUnauthorized, type Session } from '../session/index.ts';
import {
  assertOption,
  bringsCredentials,
  internalsOf,
  ownOptions,
  type RequestHeaders,
  type RequestTarget,
} from '../session/internal.ts';
import { checkOptions } from './check-options.ts';
import { inOwnZone } from './in-own-zone.ts';
import { pageOf } from './page.ts';
import { renewXsrfHeader } from './renew-xsrf-header.ts';
import { SESSION } from './session-token.ts';
import { SKIP_SESSION } from './skip-session.ts';

/** Options of `createSessionInterceptor()`. */
export interface SessionInterceptorOptions {
  /** The token under which the session is provided. @defaultValue `SESSION` */
  readonly session?: InjectionToken<Session>;
  /**
   * Origins that may see the token besides the page's own, such as `https://api.example.com`. Scheme, host and port must be equal.
   *
   * @defaultValue `[]`
   */
  readonly trustedOrigins?: readonly string[];
  /**
   * Tells whether a request to a trusted origin belongs to this session, in an application with several sessions.
   *
   * @defaultValue `() => true`
   */
  appliesTo?(this: void, request: HttpRequest<unknown>): boolean;
  /**
   * Tells whether a response, `HttpErrorResponse` or `HttpResponse`, means that its request was refused because of its token: then
   * the session refreshes, and the request is resent. If the function throws or returns a promise, the response does not count as
   * refused, and the session reports `callback-failed`.
   *
   * @defaultValue an `HttpErrorResponse` with status 401
   */
  isUnauthorized?(this: void, response: HttpResponseBase): boolean;
}

/**
 * Makes an interceptor for `withInterceptors()`. A request to a trusted origin waits while a refresh runs that it needs, gets the token,
 * and is resent with the new token when its own was rejected. List the interceptor last, so that those before it see the outcome only.
 * Requests that bring their own credentials, JSONP requests, and requests of `refresh` itself go through as they are.
 *
 * When a request arrives, the interceptor notes its owner and whether `refresh` makes it. If an interceptor before this one is
 * asynchronous, the request arrives too late: somebody else may have signed in, and a request of `refresh` would wait for the refresh
 * itself. Mark requests of `refresh` with `SKIP_SESSION`, or list this interceptor first.
 *
 * A request fails with `SessionChangedError` if the owner changes before it is sent, with `SessionExpiredError` or `RefreshFailedError` if
 * the refresh that it waits for fails, and otherwise as HttpClient does.
 *
 * @throws InvalidInputError for an option of the wrong kind, or (in development) for an unknown option
 * @example
 * ```ts
 * provideHttpClient(withInterceptors([createSessionInterceptor({ trustedOrigins: ['https://api.example.com'] })]));
 * ```
 */
export function createSessionInterceptor(options: SessionInterceptorOptions = {}): HttpInterceptorFn {
  const { session: token = SESSION, appliesTo, isUnauthorized: predicate, trusted } = checkedOptions(options);
  return (request, next) => {
    const page = pageOf(inject(DOCUMENT));
    const isOurs = (url: string): boolean => page.owns(url) || trusted.includes(page.resolve(url));
    const isForOthers =
      request.context.get(SKIP_SESSION) ||
      // A JSONP request is a script element, which cannot carry the token's header.
      request.method === 'JSONP' ||
      !isOurs(request.urlWithParams) ||
      appliesTo?.(request) === false;
    // Return before the session is injected: this request may load the configuration that the factory of the session needs.
    if (isForOthers) return next(request);

    const session = inject(token);
    const internals = internalsOf(session);
    const target: RequestTarget = { method: request.method, url: page.resolve(request.urlWithParams) };
    const has = (name: string): boolean => request.headers.has(name);
    const bringsOwn = (): boolean => bringsCredentials(internals, target, has);
    if (internals.isOwnRequest()) return next(untransferred(request));
    if (bringsOwn()) return next(request);

    // Noted now: an interceptor before this one may subscribe later, or again, when somebody else has signed in.
    const { ownerChanges } = internals;
    const assertOwner = (): void => {
      if (internals.ownerChanges !== ownerChanges) throw internals.ownerChangeError(ownerChanges);
    };
    const xsrfHeader = renewXsrfHeader(request);
    const keepZone = inOwnZone<HttpEvent<unknown>>();
    /** The token's headers in the last send; `null` if the request brings its own. */
    let sent: RequestHeaders | null = null;
    /** Whether an outcome responds to a request with the token. If a redirect removed the token, the outcome says nothing about it. */
    const isForToken = (outcome: unknown): outcome is HttpErrorResponse | HttpResponse<unknown> =>
      sent !== null &&
      (outcome instanceof HttpErrorResponse || outcome instanceof HttpResponse) &&
      (outcome.url === null || keepsToken(target.url, page.resolve(outcome.url), sent, { includes: isOurs }));
    const isUnauthorized = (outcome: unknown): boolean =>
      isForToken(outcome) &&
      (predicate ? predicate(outcome) : outcome instanceof HttpErrorResponse && outcome.status === 401);
    const noteNonce = (outcome: unknown): void => {
      if (isForToken(outcome)) internals.noteNonce(target, outcome);
    };
    const send = (headers: RequestHeaders | null): Observable<HttpEvent<unknown>> => {
      // Another person may have signed in while the promise of `authorize` was pending. Do not send the former person's request then.
      assertOwner();
      // Check again whether the request brings a header of the token's: `authorize` may have returned the names of these headers only now.
      // The app's own credentials must not be overwritten.
      sent = headers && !Object.keys(headers).some(has) ? headers : null;
      const outgoing = request.clone({ setHeaders: { ...xsrfHeader(), ...sent } });
      const hasToken = Object.keys(sent ?? {}).length > 0;
      return next(hasToken && !outgoing.headers.has('Authorization') ? untransferred(outgoing) : outgoing);
    };
    // Read the token at each subscription. A subscription is a send: the operator below subscribes again, and so may other interceptors.
    const outcome$ = defer(() => {
      const made = bringsOwn() ? null : internals.authorization(target);
      return made instanceof Promise ? from(made).pipe(concatMap(send)) : send(made);
    }).pipe(
      // Here for each send, because the operator below sends again in the zone that ended the refresh, and once more for what it emits.
      keepZone,
      tap<HttpEvent<unknown>>({ next: noteNonce, error: noteNonce }),
      retryOnUnauthorized(session, { isUnauthorized }),
      keepZone,
    );
    const request$ = defer(() => {
      assertOwner();
      return outcome$;
    });
    // An effect may have sent the request. It must not run again when a signal changes that `refresh` or `authorize` has read.
    return new Observable((subscriber) => untracked(() => request$.subscribe(subscriber)));
  };
}

function checkedOptions(options: SessionInterceptorOptions): SessionInterceptorOptions & {
  readonly trusted: ReturnType<typeof trustedOrigins>;
} {
  const own = ownOptions(options);
  checkOptions('createSessionInterceptor()', options, 'session', ['trustedOrigins', 'appliesTo', 'isUnauthorized']);
  assertOption('createSessionInterceptor()', 'appliesTo', own.appliesTo);
  assertOption('createSessionInterceptor()', 'isUnauthorized', own.isUnauthorized);
  return Object.assign(own, { trusted: trustedOrigins(() => undefined, own.trustedOrigins) });
}

/**
 * Keeps the response out of the page that a server renders, unless the request asks for the contrary. Angular does so by itself only for
 * requests with `Authorization`. Otherwise the page would contain a person's data or new tokens, and the browser would take the response
 * that the server got for somebody else.
 */
function untransferred(request: HttpRequest<unknown>): HttpRequest<unknown> {
  return request.clone({ transferCache: request.transferCache ?? false });
}

/**
 * An interceptor for one session and an API on the page's own origin. `createSessionInterceptor()` makes others.
 *
 * @example
 * ```ts
 * provideHttpClient(withInterceptors([sessionInterceptor]));
 * ```
 */
export const sessionInterceptor: HttpInterceptorFn = /* @__PURE__ */ createSessionInterceptor();
