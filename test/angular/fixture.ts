import { HttpClient, type HttpInterceptorFn, provideHttpClient, withInterceptors } from '@angular/common/http';
import { DOCUMENT, type EnvironmentInjector, type EnvironmentProviders, type Provider } from '@angular/core';
import { createSessionInterceptor, provideSession, SESSION } from 'sluice/angular';
import { memoryStore, type Session, type SessionOptions, type TokenSet } from 'sluice/session';
import { defer, type Observable, switchMap } from 'rxjs';
import { onTestFinished } from 'vitest';
import { angularApp } from '../conformance/drivers/angular-app.ts';
import type { AuthServer } from '../support/auth-server.ts';
import { type Recording, record } from '../support/recorder.ts';
import type { TokenAnswer } from '../support/use-auth-server.ts';
import { tokensFrom } from '../http/fixture.ts';

export type Providers = (Provider | EnvironmentProviders)[];

/** Makes the injector of an application, which is destroyed after the test. */
export function app(providers: Providers): EnvironmentInjector {
  const injector = angularApp(providers);
  onTestFinished(() => {
    if (!injector.destroyed) injector.destroy();
  });
  return injector;
}

/** Provides a document with the given address, as far as the tests need one. */
export function pageAt(href: string | undefined, baseURI?: string): Provider {
  const useValue = {
    querySelectorAll: () => [],
    getElementById: () => null,
    head: {},
    ...(href !== undefined && { location: { href } }),
    baseURI,
  };
  return { provide: DOCUMENT, useValue };
}

/** Provides the document of Angular's server platform, which has no `baseURI`. */
export function pageOnServer(href: string, base: string | null): Provider {
  const useValue = {
    querySelectorAll: () => [],
    querySelector: (selector: string) =>
      selector === 'base[href]' && base !== null ? { getAttribute: () => base } : null,
    getElementById: () => null,
    head: {},
    location: { href },
    get baseURI(): never {
      throw new Error('NotYetImplemented');
    },
  };
  return { provide: DOCUMENT, useValue };
}

export interface AppSetup {
  readonly options?: Partial<SessionOptions> & { readonly initial?: TokenSet | null };
  /** The interceptors of the chain; the session's is the last one by default. */
  readonly before?: readonly HttpInterceptorFn[];
  readonly interceptors?: readonly HttpInterceptorFn[];
  readonly providers?: Providers;
}

export interface App {
  readonly injector: EnvironmentInjector;
  readonly http: HttpClient;
  readonly session: Session;
  get(path: string): Observable<unknown>;
}

/**
 * An application of the given server, whose `refresh` uses HttpClient itself, as apps write it, and not
 * `HttpBackend`.
 */
export function appOn(server: AuthServer, setup: AppSetup = {}): App {
  const { options: { initial = server.login(), ...options } = {}, before = [], providers = [] } = setup;
  const { interceptors = [createSessionInterceptor({ trustedOrigins: [server.url] })] } = setup;
  const injector: EnvironmentInjector = app([
    provideHttpClient(withInterceptors([...before, ...interceptors])),
    provideSession(() => ({
      refresh: (current) => refreshBy(injector.get(HttpClient), server, current),
      store: memoryStore(initial),
      ...options,
    })),
    ...providers,
  ]);
  const http = injector.get(HttpClient);
  return { injector, http, session: injector.get(SESSION), get: (path) => http.get(server.url + path) };
}

export function refreshBy(http: HttpClient, server: AuthServer, current: TokenSet | null): Observable<TokenSet> {
  return http
    .post<TokenAnswer>(`${server.url}/api/refresh-token`, { refreshToken: current?.refreshToken })
    .pipe(switchMap((answer) => [tokensFrom(answer)]));
}

/** Sends requests with a dead token: all of them reach the server before the first one is answered. */
export async function dyingHerd(
  server: AuthServer,
  { get }: Pick<App, 'get'>,
  n: number,
): Promise<Recording<unknown>[]> {
  server.expireAccess();
  const hold = server.hold('/api/echo*');
  const recordings = Array.from({ length: n }, (_, i) => record(defer(() => get(`/api/echo?n=${i}`))));
  await hold.waiting(n);
  hold.release();
  return recordings;
}
