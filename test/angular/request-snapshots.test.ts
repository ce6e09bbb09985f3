import { HttpClient, HttpErrorResponse } from '@angular/common/http';
import { type Resource, resourceFromSnapshots, type ResourceSnapshot } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { map, Subject } from 'rxjs';
import { type RequestSnapshot, retryBackoff, toRequestState, toSnapshot } from 'sluice/operators';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { appOn } from './fixture.ts';
import { injected } from './injected.ts';

const auth = useAuthServer();

describe('toSnapshot() in an Angular resource', () => {
  it('has the type of a ResourceSnapshot', () => {
    expectTypeOf<RequestSnapshot<string>>().toExtend<ResourceSnapshot<string | undefined>>();
  });

  it('gives resourceFromSnapshots the status, the value and the error of each state', () => {
    const { injector } = appOn(auth.server);
    const answers = [new Subject<string>(), new Subject<string>(), new Subject<string>()];
    const reload = new Subject<number>();
    const users: Resource<string | undefined> = injected(injector, () =>
      resourceFromSnapshots(
        toSignal(
          reload.pipe(
            toRequestState((index) => answers[index]!),
            map(toSnapshot),
          ),
          { requireSync: true },
        ),
      ),
    );
    const seen = () => [users.status(), users.isLoading(), users.hasValue() ? users.value() : users.error()];
    expect(seen()).toEqual(['idle', false, undefined]);
    reload.next(0);
    expect(seen()).toEqual(['loading', true, undefined]);
    answers[0]!.next('a');
    expect(seen()).toEqual(['resolved', false, 'a']);
    reload.next(1);
    expect(seen()).toEqual(['reloading', true, 'a']);
    const error = new HttpErrorResponse({ status: 503 });
    answers[1]!.error(error);
    expect(seen()).toEqual(['error', false, error]);
    reload.next(2);
    expect(seen()).toEqual(['reloading', true, 'a']);
    // eslint-disable-next-line rxjs-x/throw-error -- as libraries of others do
    answers[2]!.error('text');
    expect(users.error()).toMatchObject({ cause: 'text' });
  });

  it('retries a request of HttpClient only with `idempotent`, because its errors do not have the method', async () => {
    const { injector } = appOn(auth.server);
    const http = injector.get(HttpClient);
    let count = 0;
    auth.server.route('/api/thing', () => ({ status: (count += 1) < 3 ? 503 : 200, body: 'fine' }));
    const get = (options: object) =>
      new Promise((resolve, reject) => {
        http
          .get(`${auth.server.url}/api/thing`, { responseType: 'text' })
          .pipe(retryBackoff({ initialDelayMs: 0, ...options }))
          .subscribe({ next: resolve, error: reject });
      });
    await expect(get({})).rejects.toMatchObject({ status: 503 });
    expect(count).toBe(1);
    expect(await get({ idempotent: true })).toBe('fine');
    expect(count).toBe(3);
  });
});
