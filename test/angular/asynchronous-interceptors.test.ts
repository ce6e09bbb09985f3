import { HttpContext, type HttpInterceptorFn } from '@angular/common/http';
import { createSessionInterceptor, SKIP_SESSION } from 'sluice/angular';
import type { TokenSet } from 'sluice/session';
import { delay, firstValueFrom, map, of, Subject, switchMap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { tokensFrom } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { type TokenAnswer, useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { type App, appOn, refreshBy } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

const asynchronous: HttpInterceptorFn = (request, next) =>
  of(null).pipe(
    delay(1),
    switchMap(() => next(request)),
  );
const session = () => createSessionInterceptor({ trustedOrigins: [auth.server.url] });
const seen = (): string[] =>
  auth.server
    .sent(({ path }) => path !== '/public/flush')
    .map(({ path, user, generation }) => `${path} ${user ?? 'nobody'} ${String(generation ?? '')}`.trim());

describe('An asynchronous interceptor before the session’s', () => {
  const app = (
    refresh: (injected: App, current: TokenSet | null) => ReturnType<typeof refreshBy>,
    refreshTimeoutMs?: number,
  ): App => {
    const application: App = appOn(auth.server, {
      before: [asynchronous],
      options: {
        ...(refreshTimeoutMs !== undefined && { refreshTimeoutMs }),
        refresh: (current) => refresh(application, current),
      },
    });
    return application;
  };

  it('hides that `refresh` makes a request: that request waits, and the refresh fails at its timeout', async () => {
    const { get } = app(({ http }, current) => refreshBy(http, auth.server, current), 300);
    auth.server.expireAccess();
    expect(await record(get('/api/echo')).outcome).toMatchObject({
      error: { name: 'RefreshFailedError', reason: 'timeout' },
    });
    expect(auth.server.refreshes).toEqual([]);
  });

  it('does not disturb a refresh whose request skips the session', async () => {
    const context = new HttpContext().set(SKIP_SESSION, true);
    const { get } = app(({ http }, current) =>
      http
        .post<TokenAnswer>(`${auth.server.url}/api/refresh-token`, { refreshToken: current?.refreshToken }, { context })
        .pipe(map(tokensFrom)),
    );
    auth.server.expireAccess();
    await firstValueFrom(get('/api/echo'));
    expect(seen()).toEqual(['/api/echo ada 1', '/api/refresh-token nobody', '/api/echo ada 2']);
  });

  it('assigns a request to the person who is signed in when it reaches the session’s interceptor, not at the call', async () => {
    const { get, session: its } = app(({ http }, current) => refreshBy(http, auth.server, current));
    const request = record(get('/api/echo'));
    void its.signIn(auth.server.login('bob'));
    await request.outcome;
    expect(seen()).toEqual(['/api/echo bob 1']);
  });
});

describe('An asynchronous interceptor after the session’s', () => {
  it('does not hide that `refresh` makes a request synchronously: that request carries no token and does not wait', async () => {
    const { get } = appOn(auth.server, { interceptors: [session(), asynchronous] });
    auth.server.expireAccess();
    await firstValueFrom(get('/api/echo'));
    expect(seen()).toEqual(['/api/echo ada 1', '/api/refresh-token nobody', '/api/echo ada 2']);
  });

  it('sends a request with the token of the person who was signed in at the call, even after another sign-in', async () => {
    const open$ = new Subject<void>();
    const { get, session: its } = appOn(auth.server, {
      interceptors: [session(), (request, next) => open$.pipe(switchMap(() => next(request)))],
    });
    const request = record(get('/api/echo'));
    void its.signIn(auth.server.login('bob'));
    open$.next();
    open$.complete();
    expect(await request.outcome).toMatchObject({ kind: 'complete' });
    expect(seen()).toEqual(['/api/echo ada 1']);
  });
});
