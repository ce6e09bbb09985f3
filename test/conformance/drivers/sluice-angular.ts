// First: Angular's packages leave a part of their compilation to the application's build, and there is none here.
import '@angular/compiler';
import {
  HttpClient,
  HttpContext,
  HttpErrorResponse,
  type HttpInterceptorFn,
  HttpResponse,
  provideHttpClient,
  withInterceptors,
} from '@angular/common/http';
import { catchError, filter, map, type Observable, of } from 'rxjs';
import { createSessionInterceptor, SESSION, SKIP_SESSION } from '../../../src/angular/index.ts';
import type { Answer, Hooks, Library, RequestSpec } from '../driver.ts';
import { accepted, angularRequest, answerOfAngular } from './angular-request.ts';
import { angularApp } from './angular-app.ts';
import { askBy, type Post, postLater, type TokenBody } from './asking.ts';
import { ownCredentials, sessionDriver, sessionFor, sluiceVersion, valueOf } from './sluice-session.ts';

/** `sessionInterceptor` under Angular's HttpClient, which refreshes too. A signal unsubscribes. */
export const sluiceAngular: Library = {
  name: "Sluice under Angular's HttpClient",
  version: sluiceVersion,
  lacks: {
    'later-interceptors': "an interceptor listed after the session's is a part of each send, as HttpClient means it",
    progress: "HttpClient's backend for Node tells no progress of uploads",
    stream: 'HttpClient sends no streams',
    'token-header': 'fetch follows redirects by itself, and keeps all headers but Authorization',
  },
  drive(server, tokens, setup) {
    const postBy =
      (by: () => HttpClient): Post =>
      (url, body, signal) =>
        valueOf(by().post<TokenBody>(url, body, { context: new HttpContext().set(SKIP_SESSION, true) }), signal);
    const plain = angularApp([provideHttpClient()]).get(HttpClient);
    const post = setup.refreshThroughClient ? postLater(postBy(() => http)) : postBy(() => plain);
    const session = sessionFor(server, tokens, setup, askBy(server, post));
    const { isUnauthorized, hooks } = setup;
    const sessionInterceptor = createSessionInterceptor({
      trustedOrigins: [server.url],
      ...(isUnauthorized && {
        isUnauthorized: (outcome) =>
          (outcome instanceof HttpResponse || outcome instanceof HttpErrorResponse) &&
          isUnauthorized(answerOfAngular(outcome)),
      }),
    });
    const makeClient = (): HttpClient =>
      angularApp([
        { provide: SESSION, useValue: session },
        provideHttpClient(withInterceptors(inOrder(sessionInterceptor, hooks))),
      ]).get(HttpClient);
    const http = makeClient();
    const request$ = (by: HttpClient, spec: RequestSpec): Observable<Answer> => {
      const request = angularRequest(server, spec);
      const headers = spec.resend === false ? ownCredentials(session) : {};
      return by.request(Object.keys(headers).length > 0 ? request.clone({ setHeaders: headers }) : request).pipe(
        filter((event) => event instanceof HttpResponse),
        catchError((error: unknown) => {
          if (error instanceof HttpErrorResponse) return of(error);
          throw error;
        }),
        map((outcome) => accepted(spec, outcome)),
      );
    };
    return {
      ...sessionDriver(session),
      request: (spec) => valueOf(request$(http, spec), spec.signal),
      sibling: () => {
        const other = makeClient();
        return { request: (spec) => valueOf(request$(other, spec), spec.signal) };
      },
      cold: (spec) => {
        const same$ = request$(http, spec);
        return { send: (signal) => valueOf(same$, signal) };
      },
    };
  },
};

function inOrder(session: HttpInterceptorFn, hooks: Hooks | undefined): HttpInterceptorFn[] {
  if (!hooks) return [session];
  const own: HttpInterceptorFn = (request, next) => {
    hooks.request();
    const sent =
      request.body === null
        ? request
        : request.clone({ body: hooks.transform(request.body), setHeaders: { 'Content-Type': 'application/json' } });
    return next(sent).pipe(
      map((event) => (event instanceof HttpResponse ? event.clone({ body: hooks.response(event.body) }) : event)),
    );
  };
  return hooks.order === 'before' ? [own, session] : [session, own];
}
