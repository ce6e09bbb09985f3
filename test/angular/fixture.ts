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

/** The injector of an application, which ends with the test. */
export function app(providers: Providers): EnvironmentInjector {
  const injector = angularApp(providers);
  onTestFinished(() => {
    if (!injector.destroyed) injector.destroy();
  });
  return injector;
}

/** As much of a page as is asked for, at an address. */
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

/** The document that Angular's server platform makes: it knows no `baseURI`. */
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
  /** Of the chain, in which the session's is the last. */
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

/** An application on a server, which refreshes by HttpClient itself: as apps write it, with no `HttpBackend` to go round. */
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

/** Requests that die together: all are on the server before the first is answered. */
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
