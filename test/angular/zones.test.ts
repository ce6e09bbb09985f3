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
import { type EnvironmentInjector, inject } from '@angular/core';
import { provideSession, sessionGuard, sessionInterceptor } from 'sluice/angular';
import { memoryStore } from 'sluice/session';
import { map, Observable, Subject, take } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { app } from './fixture.ts';
import { injected } from './injected.ts';

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
  readonly sends: string[] = [];
  readonly #answers$ = new Subject<number>();

  override handle({ url }: HttpRequest<unknown>): Observable<HttpEvent<unknown>> {
    return new Observable((subscriber) => {
      const zone = Zone.current;
      this.sends.push(`${url} in ${zone.name}`);
      return this.#answers$.pipe(take(1)).subscribe((status) => {
        zone.run(() => {
          if (status === 200) subscriber.next(new HttpResponse({ status, url }));
          else subscriber.error(new HttpErrorResponse({ status, url }));
          subscriber.complete();
        });
      });
    });
  }
  answer(status: number): void {
    this.#answers$.next(status);
  }
}

/** Makes an application whose token is dead. `pollOutside` sends a request outside of Angular's zone, which starts the refresh. */
function zonedApp(): { injector: EnvironmentInjector; backend: ZonedBackend; pollOutside(): void } {
  vi.stubGlobal('Zone', Zone);
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  const backend = new ZonedBackend();
  const injector = app([
    provideHttpClient(withInterceptors([sessionInterceptor])),
    { provide: HttpBackend, useValue: backend },
    provideSession(() => {
      const inner = inject(HttpClient);
      return {
        store: memoryStore({ accessToken: 'old', refreshToken: 'r1', expiresAt: 1 }),
        refresh: () => inner.post('/refresh', null).pipe(map(() => ({ accessToken: 'new' }))),
      };
    }),
  ]);
  const http = injector.get(HttpClient);
  const pollOutside = (): void => {
    new Zone('outside').run(() => http.get('/poll').subscribe({ error: () => undefined }));
  };
  return { injector, backend, pollOutside };
}

describe('While a refresh runs that a request outside of Angular’s zone has started,', () => {
  const inside = new Zone('angular');

  it.each<[string, number, string]>([
    ['is sent and answered', 200, 'value in angular'],
    ['fails', 400, 'SessionExpiredError in angular'],
  ])('a request that waits in Angular’s zone %s there', (_, status, outcome) => {
    const { injector, backend, pollOutside } = zonedApp();
    const seen: string[] = [];
    pollOutside();
    inside.run(() =>
      injector
        .get(HttpClient)
        .get('/orders')
        .subscribe({
          next: () => seen.push(`value in ${Zone.current.name}`),
          error: (error: unknown) => seen.push(`${(error as Error).name} in ${Zone.current.name}`),
        }),
    );
    backend.answer(status); // the refresh
    backend.answer(200); // what it has released
    expect(seen).toEqual([outcome]);
    expect(backend.sends.filter((send) => send.startsWith('/orders'))).toEqual(
      status === 200 ? ['/orders in angular'] : [],
    );
  });

  it('a guard that waits in Angular’s zone answers there', () => {
    const { injector, backend, pollOutside } = zonedApp();
    const seen: string[] = [];
    pollOutside();
    inside.run(() => {
      const isAllowed$ = injected(injector, () => sessionGuard(null, { url: '/orders' }));
      isAllowed$.subscribe((isAllowed) => seen.push(`${String(isAllowed)} in ${Zone.current.name}`));
    });
    backend.answer(200);
    expect(seen).toEqual(['true in angular']);
  });
});
