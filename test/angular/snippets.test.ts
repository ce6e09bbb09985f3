import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { PLATFORM_ID } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { readFileSync } from 'node:fs';
import { firstValueFrom, type Observable } from 'rxjs';
import { SESSION, sessionInterceptor } from 'sluice/angular';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { appConfig } from '../../examples/snippets/angular-config.ts';
import { cookieSession } from '../../examples/snippets/angular-cookie-session.ts';
import { codeBlocks } from '../../scripts/code-blocks.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { app, dyingHerd, pageAt } from './fixture.ts';
import { startApp } from './test-bed.ts';

failOnUnhandled();
const auth = useAuthServer();

it.each([
  'examples/snippets/angular-config.ts',
  'examples/snippets/angular-cookie-session.ts',
  'test/angular/how-to-test.test.ts',
])('docs/angular.md contains the code of %s', (file) => {
  const shown = codeBlocks('docs/angular.md').map(({ code }) => `${code}\n`);
  expect(shown).toContain(readFileSync(file, 'utf8'));
});

describe('The snippet angular-config.ts', () => {
  it('serves a dozen requests with a dead token by one refresh', async () => {
    const { server } = auth;
    // Node has no page that relative URLs could be resolved against.
    const { fetch } = globalThis;
    vi.stubGlobal('fetch', (url: string, init?: RequestInit) => fetch(new URL(url, server.url), init));
    onTestFinished(() => {
      vi.unstubAllGlobals();
    });
    const injector = app([...appConfig.providers, pageAt(server.url)]);
    await injector.get(SESSION).signIn(server.login());
    const get = (path: string): Observable<unknown> => injector.get(HttpClient).get(server.url + path);
    await firstValueFrom(get('/api/echo'));
    const herd = await dyingHerd(server, { get }, 12);
    expect(await Promise.all(herd.map(async ({ outcome }) => (await outcome).kind))).toEqual(
      Array(12).fill('complete'),
    );
    expect(server.refreshes).toMatchObject([{ outcome: 'issued' }]);
  });
});

describe('angular-cookie-session.ts', () => {
  const providers = [
    provideHttpClient(withInterceptors([sessionInterceptor])),
    provideHttpClientTesting(),
    cookieSession,
  ];

  it('knows who is signed in before the first page', async () => {
    const starting = startApp(providers);
    const restoring = TestBed.inject(HttpTestingController).expectOne('/auth/refresh');
    restoring.flush({ accessToken: 'from the cookie' });
    const app = await starting;
    expect(restoring.request.withCredentials).toBe(true);
    expect(app.inject(SESSION).state.tokens).toEqual({ accessToken: 'from the cookie' });
  });

  it('starts as signed out without a cookie', async () => {
    const starting = startApp(providers);
    TestBed.inject(HttpTestingController)
      .expectOne('/auth/refresh')
      .flush(null, { status: 401, statusText: 'Unauthorized' });
    expect((await starting).inject(SESSION).state.tokens).toBeNull();
  });

  it('sends no request on a server that renders', async () => {
    const app = await startApp([...providers, { provide: PLATFORM_ID, useValue: 'server' }]);
    app.inject(HttpTestingController).verify();
    expect(app.inject(SESSION).state.tokens).toBeNull();
  });
});
