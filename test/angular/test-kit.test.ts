import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { ApplicationRef } from '@angular/core';
import { rxResource } from '@angular/core/rxjs-interop';
import { TestBed } from '@angular/core/testing';
import { CLIENT, createSessionInterceptor, injectClient, SESSION } from 'sluice/angular';
import { fakeTime, testClient, testSession } from 'sluice/testing';
import { firstValueFrom } from 'rxjs';
import { afterEach, expect, it, vi } from 'vitest';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { startApp } from './test-bed.ts';

failOnUnhandled();
afterEach(() => void vi.useRealTimers());

it('a test client is provided as CLIENT, and serves a resource', async () => {
  const { api, http } = testClient();
  await startApp([{ provide: CLIENT, useValue: api }]);
  const users = TestBed.runInInjectionContext(() => {
    const client = injectClient();
    return rxResource({ stream: () => client.get<string[]>('/users') });
  });
  TestBed.inject(ApplicationRef).tick();
  const request = await http.next('GET /users');
  expect(users.status()).toBe('loading');
  request.flush(['Ada']);
  await http.settled();
  expect(users.value()).toEqual(['Ada']);
});

it('a test session serves HttpClient, whose server is HttpTestingController', async () => {
  const { session, nextRefresh } = testSession();
  await startApp([
    provideHttpClient(withInterceptors([createSessionInterceptor({ trustedOrigins: ['https://api.test'] })])),
    provideHttpClientTesting(),
    { provide: SESSION, useValue: session },
  ]);
  const server = TestBed.inject(HttpTestingController);
  const users = firstValueFrom(TestBed.inject(HttpClient).get('https://api.test/users'));
  server.expectOne('https://api.test/users').flush(null, { status: 401, statusText: 'Unauthorized' });
  (await nextRefresh()).succeed();
  const resent = server.expectOne('https://api.test/users');
  expect(resent.request.headers.get('Authorization')).toBe('Bearer access-2');
  resent.flush(['Ada']);
  expect(await users).toEqual(['Ada']);
});

it('a client of TestBed takes the frames that marbles say', async () => {
  vi.useFakeTimers();
  const { api, http } = testClient();
  await startApp([{ provide: CLIENT, useValue: api }]);
  const client = TestBed.inject(CLIENT);
  const time = fakeTime(vi, http);
  time.when('/users', '--a', { a: { body: 1 } });
  await time.expect(client.get('/users')).toBe('--(a|)', { a: 1 });
});
