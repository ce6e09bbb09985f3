import {
  HttpBackend,
  HttpClient,
  type HttpRequest,
  HttpResponse,
  provideHttpClient,
  withInterceptors,
  ɵwithHttpTransferCache as withHttpTransferCache,
} from '@angular/common/http';
import { type EnvironmentInjector, inject, TransferState } from '@angular/core';
import { provideSession, SESSION, sessionInterceptor } from 'sluice/angular';
import { memoryStore, type SessionOptions, type TokenSet } from 'sluice/session';
import { lastValueFrom, of } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { app, pageAt } from './fixture.ts';

failOnUnhandled();

const inHeaderOfItsOwn: SessionOptions['authorize'] = ({ accessToken }) => ({ 'X-Api-Key': accessToken });

/** Makes an application that a server renders. Its backend answers each request with the URL of the request. */
function serverApp(sessionOptions: () => SessionOptions): EnvironmentInjector {
  vi.stubGlobal('ngServerMode', true);
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  const handle = ({ url }: HttpRequest<unknown>) => of(new HttpResponse({ body: { accessToken: `for ${url}` } }));
  return app([
    provideHttpClient(withInterceptors([sessionInterceptor])),
    withHttpTransferCache({}),
    // Angular warns of any other backend than its own on a server.
    { provide: HttpBackend, useValue: { handle, isTestingBackend: true } },
    pageAt('https://app.example.com/'),
    provideSession(sessionOptions),
  ]);
}

/** Renders a page whose one request is made for this person. Returns what the page transfers to the browser. */
async function rendered(options: Partial<SessionOptions>, request: { transferCache?: boolean } = {}): Promise<string> {
  const injector = serverApp(() => ({ refresh: () => [{ accessToken: 'new' }], ...options }));
  await lastValueFrom(injector.get(HttpClient).get('/orders', request));
  return injector.get(TransferState).toJson();
}

describe('What a server transfers to the browser within the page', () => {
  const store = memoryStore({ accessToken: 'access' });

  it.each<[string, Partial<SessionOptions>]>([
    ['in Authorization', { store }],
    ['in a header of its own', { store, authorize: inHeaderOfItsOwn }],
  ])('does not include the response to a request with a token %s', async (_, options) => {
    expect(await rendered(options)).toBe('{}');
  });

  it('does not include the response to a request of `refresh`, which holds the new tokens', async () => {
    const injector = serverApp(() => {
      const http = inject(HttpClient);
      return { canRefresh: () => true, refresh: () => http.get<TokenSet>('/refresh') };
    });
    expect(await lastValueFrom(injector.get(SESSION).refresh$)).toMatchObject({ accessToken: 'for /refresh' });
    expect(injector.get(TransferState).toJson()).toBe('{}');
  });

  it('includes the response if the request asks for it', async () => {
    expect(await rendered({ store, authorize: inHeaderOfItsOwn }, { transferCache: true })).toContain('orders');
  });

  it('includes the response to a request without a token', async () => {
    expect(await rendered({ authorize: inHeaderOfItsOwn })).toContain('orders');
  });
});
