import { HttpClient, HttpContext, provideHttpClient, withInterceptors } from '@angular/common/http';
import { inject, InjectionToken, Injector, provideAppInitializer } from '@angular/core';
import { createSessionInterceptor, provideSession, SESSION, SKIP_SESSION } from 'sluice/angular';
import { memoryStore, type SessionOptions } from 'sluice/session';
import { catchError, firstValueFrom, map, type Observable, of, switchMap, tap } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { tokensFrom } from '../http/fixture.ts';
import { type TokenAnswer, useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import type { Providers } from './fixture.ts';
import { startApp } from './test-bed.ts';

failOnUnhandled();
const auth = useAuthServer();
beforeEach(() => {
  auth.server.route('/public/config', () => ({ body: { refreshPath: '/api/refresh-token' } }));
});

interface Config {
  readonly refreshPath: string;
  load(context?: HttpContext): Observable<unknown>;
}

/** Where the API is, which the application loads before it starts. */
const CONFIG = new InjectionToken<Config>('config');

function config(): Config {
  const http = inject(HttpClient);
  let loaded: string | undefined;
  return {
    get refreshPath() {
      if (loaded === undefined) throw new Error('The configuration is not loaded yet.');
      return loaded;
    },
    load: (context = new HttpContext().set(SKIP_SESSION, true)) =>
      http
        .get<{ refreshPath: string }>(`${auth.server.url}/public/config`, { context })
        .pipe(tap(({ refreshPath }) => (loaded = refreshPath))),
  };
}

function configured(): SessionOptions {
  const [http, { refreshPath }] = [inject(HttpClient), inject(CONFIG)];
  return {
    store: memoryStore(auth.server.login()),
    refresh: (now) =>
      http
        .post<TokenAnswer>(auth.server.url + refreshPath, { refreshToken: now?.refreshToken })
        .pipe(map((answer) => tokensFrom(answer))),
  };
}

function start(providers: Providers): ReturnType<typeof startApp> {
  return startApp([
    provideHttpClient(withInterceptors([createSessionInterceptor({ trustedOrigins: [auth.server.url] })])),
    { provide: CONFIG, useFactory: config },
    provideSession(configured),
    ...providers,
  ]);
}

describe('An application that loads its configuration first', () => {
  it('makes its session from it, if the request of the configuration skips the session', async () => {
    const app = await start([provideAppInitializer(() => inject(CONFIG).load())]);
    app.inject(SESSION);
    auth.server.expireAccess();
    await firstValueFrom(app.inject(HttpClient).get(`${auth.server.url}/api/echo`));
    expect(auth.server.refreshes).toMatchObject([{ outcome: 'issued' }]);
  });

  it('fails to start if the request of the configuration needs the session, which cannot be made yet', async () => {
    const starting = start([provideAppInitializer(() => inject(CONFIG).load(new HttpContext()))]);
    await expect(starting).rejects.toThrow('The configuration is not loaded yet.');
  });

  it('restores its session in the same initializer, after the configuration', async () => {
    const app = await start([
      provideAppInitializer(() => {
        const injector = inject(Injector);
        return inject(CONFIG)
          .load()
          .pipe(
            switchMap(() => injector.get(SESSION).refresh$),
            catchError(() => of(null)),
          );
      }),
    ]);
    expect(app.inject(SESSION).state).toMatchObject({ status: 'signed-in', generation: 2 });
  });
});
