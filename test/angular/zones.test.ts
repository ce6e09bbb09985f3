import {
  HttpBackend,
  HttpClient,
  HttpErrorResponse,
  type HttpEvent,
  type HttpRequest,
  HttpResponse,
  provideHttpClient,
  withInterceptors,
} from '@angular/common/http';
import { inject } from '@angular/core';
import { provideSession, sessionInterceptor } from 'sluice/angular';
import { memoryStore } from 'sluice/session';
import { map, Observable, Subject, take } from 'rxjs';
import { expect, it, onTestFinished, vi } from 'vitest';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { app } from './fixture.ts';

failOnUnhandled();

/** A zone as zone.js has it: the code that `run` calls sees it as the current zone. */
class Zone {
  static readonly root = new Zone('root');
  static current = Zone.root;
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  run<T>(work: () => T): T {
    const before = Zone.current;
    Zone.current = this;
    try {
      return work();
    } finally {
      Zone.current = before;
    }
  }
}

/** Answers requests when it is told to, each in the zone in which it was sent, as the XMLHttpRequest of zone.js does. */
class ZonedBackend extends HttpBackend {
  readonly #answers$ = new Subject<void>();

  override handle({ url, headers }: HttpRequest<unknown>): Observable<HttpEvent<unknown>> {
    return new Observable((subscriber) => {
      const zone = Zone.current;
      const isDead = headers.get('Authorization') === 'Bearer old';
      return this.#answers$.pipe(take(1)).subscribe(() => {
        zone.run(() => {
          if (isDead) {
            subscriber.error(new HttpErrorResponse({ status: 401, url }));
          } else {
            subscriber.next(new HttpResponse({ status: 200, body: 'new', url }));
            subscriber.complete();
          }
        });
      });
    });
  }
  answer(): void {
    this.#answers$.next();
  }
}

it('A request of Angular’s zone stays there when it waits for a refresh that a request outside of the zone has started', () => {
  vi.stubGlobal('Zone', Zone);
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  const backend = new ZonedBackend();
  const http = app([
    provideHttpClient(withInterceptors([sessionInterceptor])),
    { provide: HttpBackend, useValue: backend },
    provideSession(() => {
      const inner = inject(HttpClient);
      return {
        store: memoryStore({ accessToken: 'old', refreshToken: 'r1' }),
        refresh: () => inner.post('/refresh', null).pipe(map(() => ({ accessToken: 'new' }))),
      };
    }),
  ]).get(HttpClient);
  const seen: string[] = [];
  const send = (zone: string, url: string): void => {
    new Zone(zone).run(() => http.get(url).subscribe(() => seen.push(`${url} in ${Zone.current.name}`)));
  };

  send('outside', '/poll');
  send('angular', '/orders');
  backend.answer(); // 401 for both
  backend.answer(); // new tokens for the refresh
  backend.answer(); // 200 for both

  expect(seen).toEqual(['/poll in outside', '/orders in angular']);
});
