import { HttpBackend, HttpClient, HttpResponse, provideHttpClient, withInterceptors } from '@angular/common/http';
import { effect, inject, signal } from '@angular/core';
import type { AxiosAdapter } from 'axios';
import { CLIENT, provideClient, provideSession, sessionInterceptor } from 'sluice/angular';
import { memoryStore } from 'sluice/session';
import { defer, lastValueFrom, type Observable, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { startApp } from './test-bed.ts';

failOnUnhandled();

/** Sends a request in an effect. Returns what was sent, and a function that changes a signal which `authorize` reads. */
async function effectThatSends(post: () => (url: string) => Observable<unknown>): Promise<string[]> {
  const sent: string[] = [];
  const language = signal('en');
  const adapter: AxiosAdapter = (config) => {
    sent.push(String(config.headers['Accept-Language']));
    return Promise.resolve({ data: null, status: 200, statusText: 'OK', headers: {}, config });
  };
  const handle: HttpBackend['handle'] = ({ headers }) =>
    defer(() => {
      sent.push(String(headers.get('Accept-Language')));
      return of(new HttpResponse({ status: 200 }));
    });
  const bed = await startApp([
    provideHttpClient(withInterceptors([sessionInterceptor])),
    { provide: HttpBackend, useValue: { handle } },
    provideClient({ adapter, baseURL: 'https://api.example.com' }),
    provideSession(() => ({
      store: memoryStore({ accessToken: 'dead', refreshToken: 'r1', expiresAt: 1 }),
      refresh: () => [{ accessToken: `new-${language()}` }],
      authorize: ({ accessToken }) => ({ Authorization: `Bearer ${accessToken}`, 'Accept-Language': language() }),
    })),
  ]);
  bed.runInInjectionContext(() => {
    const request$ = post()('/orders');
    effect(() => request$.subscribe());
  });
  bed.tick();
  await expect.poll(() => sent).toEqual(['en']);
  language.set('de');
  bed.tick();
  // Whatever the effect would send has been sent when a later request is.
  await lastValueFrom(bed.runInInjectionContext(() => post()('/later')));
  return sent;
}

describe.each<[string, () => (url: string) => Observable<unknown>]>([
  [
    'HttpClient',
    () => {
      const http = inject(HttpClient);
      return (url) => http.post(url, null);
    },
  ],
  [
    'a provided client',
    () => {
      const api = inject(CLIENT);
      return (url) => api.post(url);
    },
  ],
])('An effect that sends a request by %s', (_, post) => {
  it('does not send it again when a signal changes that `refresh` or `authorize` has read', async () => {
    expect(await effectThatSends(post)).toEqual(['en', 'de']);
  });
});
