import '@angular/compiler';
import {
  HttpBackend,
  HttpClient,
  type HttpEvent,
  HttpErrorResponse,
  type HttpInterceptorFn,
  type HttpRequest,
  HttpResponse,
  provideHttpClient,
  withInterceptors,
} from '@angular/common/http';
import { Observable } from 'rxjs';
import { createSessionInterceptor, provideSession } from 'sluice/angular';
import { memoryStore } from 'sluice/session';
import { angularApp } from '../../test/conformance/drivers/angular-app.ts';
import { byObservable, type Client, type Contender, type Memory, type Target } from '../contender.ts';
import { behaviorSubjectRecipe } from './behavior-subject.ts';

type Providers = Parameters<typeof angularApp>[0];

export const angularRecipe: Contender = {
  name: 'Angular with the BehaviorSubject interceptor',
  over: 'HttpClient',
  start(target) {
    const recipe = behaviorSubjectRecipe(target, (error) => error instanceof HttpErrorResponse && error.status === 401);
    return clientOf(target, (request, next) =>
      recipe((accessToken) => next(request.clone({ setHeaders: { Authorization: `Bearer ${accessToken}` } }))),
    );
  },
};

export const angularSluice: Contender = {
  name: 'Angular with Sluice',
  over: 'HttpClient',
  start(target) {
    const { url, tokens, refresh } = target;
    return clientOf(target, createSessionInterceptor({ trustedOrigins: [url] }), [
      provideSession({
        store: memoryStore(tokens),
        refresh: (current) => refresh(current?.refreshToken),
        minRefreshIntervalMs: 0,
      }),
    ]);
  },
};

function clientOf({ url, memory }: Target, interceptor: HttpInterceptorFn, providers: Providers = []): Client {
  const app = angularApp([
    provideHttpClient(withInterceptors([interceptor])),
    ...(memory ? [{ provide: HttpBackend, useValue: backend(memory) }] : []),
    ...providers,
  ]);
  const http = app.get(HttpClient);
  return {
    ...byObservable((path) => http.get(url + path)),
    stop: () => {
      app.destroy();
    },
  };
}

function backend({ send }: Memory): HttpBackend {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- abstract classes are Angular's interfaces
  return {
    handle: (request: HttpRequest<unknown>) =>
      new Observable<HttpEvent<unknown>>((subscriber) =>
        send(request.headers.get('Authorization'), (status) => {
          const { url } = request;
          if (status === 200) {
            subscriber.next(new HttpResponse({ status, url, body: JSON.parse('{"n":1}') as unknown }));
            subscriber.complete();
          } else subscriber.error(new HttpErrorResponse({ status, url }));
        }),
      ),
  };
}
