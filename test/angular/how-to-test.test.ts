import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { inject } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { firstValueFrom, map } from 'rxjs';
import { provideSession, SESSION, sessionInterceptor } from 'sluice/angular';
import { memoryStore } from 'sluice/session';
import { afterEach, beforeEach, expect, it } from 'vitest';

beforeEach(() => {
  TestBed.configureTestingModule({
    providers: [
      provideHttpClient(withInterceptors([sessionInterceptor])),
      provideHttpClientTesting(),
      provideSession(() => {
        const http = inject(HttpClient);
        return {
          store: memoryStore({ accessToken: 'old', refreshToken: 'r1' }),
          refresh: () => http.post<{ jwt: string }>('/refresh', {}).pipe(map(({ jwt }) => ({ accessToken: jwt }))),
        };
      }),
    ],
  });
});
afterEach(() => {
  TestBed.inject(HttpTestingController).verify();
});

it('loads the orders after one refresh when the token is dead', async () => {
  const server = TestBed.inject(HttpTestingController);
  const orders = firstValueFrom(TestBed.inject(HttpClient).get('/orders'));

  server.expectOne('/orders').flush(null, { status: 401, statusText: 'Unauthorized' });
  server.expectOne('/refresh').flush({ jwt: 'new' });
  const sentAgain = server.expectOne('/orders');
  expect(sentAgain.request.headers.get('Authorization')).toBe('Bearer new');
  sentAgain.flush(['tea']);

  expect(await orders).toEqual(['tea']);
  expect(TestBed.inject(SESSION).state.generation).toBe(2);
});
