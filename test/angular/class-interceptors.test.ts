import {
  type HttpEvent,
  HTTP_INTERCEPTORS,
  HttpClient,
  type HttpHandler,
  type HttpInterceptor,
  HttpErrorResponse,
  type HttpRequest,
  HttpResponse,
  provideHttpClient,
  withInterceptors,
  withInterceptorsFromDi,
} from '@angular/common/http';
import { inject } from '@angular/core';
import { createSessionInterceptor, injectSession, provideSession } from 'sluice/angular';
import { memoryStore, type TokenSet } from 'sluice/session';
import { firstValueFrom, type Observable, tap } from 'rxjs';
import { expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { app, refreshBy } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

/**
 * Records the status of each response, as a logger or an error dialog does. It injects the session, as an application's class may: that
 * must make no cycle of dependencies.
 */
class StatusInterceptor implements HttpInterceptor {
  readonly session = injectSession();
  readonly statuses: number[] = [];

  intercept(request: HttpRequest<unknown>, next: HttpHandler): Observable<HttpEvent<unknown>> {
    const note = (outcome: unknown): void => {
      if (outcome instanceof HttpErrorResponse || outcome instanceof HttpResponse) this.statuses.push(outcome.status);
    };
    return next.handle(request).pipe(tap<HttpEvent<unknown>>({ next: note, error: note }));
  }
}

it.each([
  ['before', 'only the outcome', [200, 200]],
  ['after', 'every send', [401, 200, 200]],
] as const)(
  'a class interceptor sees with `withInterceptorsFromDi()` %s the session’s interceptor %s',
  async (place, _, expected) => {
    const { server } = auth;
    const tokens: TokenSet = server.login();
    const ours = withInterceptors([createSessionInterceptor({ trustedOrigins: [server.url] })]);
    const classes = withInterceptorsFromDi();
    const injector = app([
      place === 'before' ? provideHttpClient(classes, ours) : provideHttpClient(ours, classes),
      StatusInterceptor,
      { provide: HTTP_INTERCEPTORS, useExisting: StatusInterceptor, multi: true },
      provideSession(() => {
        const http = inject(HttpClient);
        return { store: memoryStore(tokens), refresh: (current) => refreshBy(http, server, current) };
      }),
    ]);
    server.expireAccess();
    const echo$: Observable<unknown> = injector.get(HttpClient).get(`${server.url}/api/echo`);
    await firstValueFrom(echo$);
    // These are the statuses of the request and of the request that `refresh` makes.
    expect(injector.get(StatusInterceptor).statuses).toEqual(expected);
    expect(server.refreshes).toHaveLength(1);
  },
);
