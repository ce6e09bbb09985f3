import { PlatformLocation } from '@angular/common';
import {
  HttpClient,
  type HttpInterceptorFn,
  HttpXsrfTokenExtractor,
  provideHttpClient,
  withInterceptors,
  withNoXsrfProtection,
  withXsrfConfiguration,
} from '@angular/common/http';
import { DOCUMENT, inject } from '@angular/core';
import type { TestBed } from '@angular/core/testing';
import { provideSession, sessionInterceptor } from 'sluice/angular';
import { memoryStore, type TokenSet } from 'sluice/session';
import { firstValueFrom, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { type Providers, refreshBy } from './fixture.ts';
import { startApp } from './test-bed.ts';

failOnUnhandled();
const auth = useAuthServer();

/** The page of the application, with the cookies that responses set. */
interface Page {
  cookie: string;
}

/** An application whose server sets another XSRF cookie with a refresh. */
async function appOnPage(
  page: Page,
  providers: Providers,
  refreshed = 'xsrf=second; XSRF-TOKEN=second',
): Promise<HttpClient> {
  const tokens: TokenSet = auth.server.login();
  const location = { href: `${auth.server.url}/` };
  const app: typeof TestBed = await startApp([
    { provide: DOCUMENT, useValue: Object.assign(page, { location, querySelectorAll: () => [], head: {} }) },
    { provide: PlatformLocation, useValue: location },
    provideSession(() => ({
      store: memoryStore(tokens),
      refresh: (current) =>
        refreshBy(app.inject(HttpClient), auth.server, current).pipe(tap(() => (page.cookie = refreshed))),
    })),
    ...providers,
  ]);
  return app.inject(HttpClient);
}

const post = (http: HttpClient): Promise<unknown> => firstValueFrom(http.post(`${auth.server.url}/api/echo`, {}));
const seen = (header: string): unknown[] => auth.server.sent('/api/echo').map(({ headers }) => headers[header]);

describe('The XSRF header that Angular sets', () => {
  const names = { cookieName: 'xsrf', headerName: 'X-Shop-XSRF' };
  const http = provideHttpClient(withXsrfConfiguration(names), withInterceptors([sessionInterceptor]));

  it('holds in the resend the token of the cookie that the refresh has set', async () => {
    const client = await appOnPage({ cookie: 'xsrf=first' }, [http]);
    auth.server.expireAccess();
    await post(client);
    expect(seen('x-shop-xsrf')).toEqual(['first', 'second']);
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it('stays as it was if the refresh has deleted the cookie', async () => {
    const client = await appOnPage({ cookie: 'xsrf=first' }, [http], '');
    auth.server.expireAccess();
    await post(client);
    expect(seen('x-shop-xsrf')).toEqual(['first', 'first']);
  });
});

describe('An XSRF interceptor of the application, listed after the session’s', () => {
  const xsrf: HttpInterceptorFn = (request, next) => {
    const token = inject(HttpXsrfTokenExtractor).getToken();
    return next(token === null ? request : request.clone({ setHeaders: { 'X-XSRF-TOKEN': token } }));
  };

  it('sets in the resend the token of a cookie that did not exist before the refresh', async () => {
    const client = await appOnPage({ cookie: '' }, [
      provideHttpClient(withNoXsrfProtection(), withInterceptors([sessionInterceptor, xsrf])),
    ]);
    auth.server.expireAccess();
    await post(client);
    expect(seen('x-xsrf-token')).toEqual([undefined, 'second']);
  });
});
