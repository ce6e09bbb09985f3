import {
  HttpClient,
  HttpErrorResponse,
  type HttpInterceptorFn,
  provideHttpClient,
  withInterceptors,
} from '@angular/common/http';
import { inject } from '@angular/core';
import { createSessionInterceptor, provideSession, SESSION } from 'sluice/angular';
import { memoryStore, SessionExpiredError, type TokenSet, type TokenStore } from 'sluice/session';
import { firstValueFrom, retry, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { errorsOf, expectOrderlyRefreshes, kindsOf } from '../behaviour/fixture.ts';
import { flush } from '../http/fixture.ts';
import { startAuthServer } from '../support/auth-server.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { app, appOn, dyingHerd, refreshBy } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

/**
 * Faults of the recipe with `isRefreshing`, a BehaviorSubject, `filter(token => token !== null)`, `take(1)`,
 * `switchMap(next)`.
 */
describe('A fault of the BehaviorSubject recipe that the session’s interceptor does not have', () => {
  it('a: a failed refresh ends every waiting request', async () => {
    const { server } = auth;
    server.refreshBehaviour('400:invalid_grant');
    const herd = await dyingHerd(server, appOn(server), 5);
    const errors = await errorsOf(herd);
    expect(errors.map((error) => error instanceof SessionExpiredError)).toEqual(Array(5).fill(true));
    expect(new Set(errors).size).toBe(1);
    expect(server.refreshes).toHaveLength(1);
  });

  it('b: unsubscribing the request with the first 401 leaves no other request waiting for ever', async () => {
    const { server } = auth;
    const { get } = appOn(server);
    const refresh = server.hold('/api/refresh-token');
    const [leader, ...others] = await dyingHerd(server, { get }, 4);
    await refresh.arrived;
    leader?.unsubscribe();
    const later = record(get('/api/echo?later'));
    refresh.release();
    expect(await kindsOf([...others, later])).toEqual(['complete']);
    expectOrderlyRefreshes(server);
    expect(server.refreshes).toHaveLength(1);
  });

  it('c: a 401 for the old token that arrives after the refresh is sent again without another refresh', async () => {
    const { server } = auth;
    const { get } = appOn(server);
    server.expireAccess();
    const slow = server.hold('/api/echo?slow', { when: 'after' });
    const late = record(get('/api/echo?slow'));
    await slow.arrived;
    await firstValueFrom(get('/api/echo?fast'));
    slow.release();
    expect(await kindsOf([late])).toEqual(['complete']);
    expect(server.refreshes).toHaveLength(1);
  });

  it('d: another origin sees neither the old token nor the new one, and its 401 starts no refresh', async () => {
    await using stranger = await startAuthServer();
    const { server } = auth;
    const { http } = appOn(server);
    await expect(firstValueFrom(http.get(`${stranger.url}/api/echo`))).rejects.toMatchObject({ status: 401 });
    expect(stranger.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(server.refreshes).toEqual([]);
  });

  it('e: a retry by an outer interceptor sends the current token', async () => {
    const { server } = auth;
    const again: HttpInterceptorFn = (request, next) => next(request).pipe(retry({ count: 1, delay: () => timer(0) }));
    const { get, session } = appOn(server, { before: [again] });
    const hold = server.hold('/api/status/503', { when: 'after' });
    const request = record(get('/api/status/503'));
    await hold.arrived;
    await session.update(server.login());
    hold.release();
    await errorsOf([request]);
    expect(server.sent('/api/status/503').map(({ generation }) => generation)).toEqual([1, 2]);
  });

  it('f: many 401s at once make one refresh', async () => {
    const { server } = auth;
    expect(await kindsOf(await dyingHerd(server, appOn(server), 50))).toEqual(['complete']);
    expect(server.refreshes).toHaveLength(1);
    expect(server.staleSends()).toEqual([]);
  });

  it('g: answered requests are not sent again by later refreshes', async () => {
    const { server } = auth;
    const { get, session } = appOn(server);
    await kindsOf(await dyingHerd(server, { get }, 3));
    server.forget();
    await firstValueFrom(session.refresh$);
    await flush(server);
    expect(server.counts).toEqual({ '/api/refresh-token': 1, '/public/flush': 3 });
  });

  it('h: a session that injects HttpClient, whose interceptor injects the session, makes no cycle', async () => {
    const { server } = auth;
    const initial: TokenSet = server.login();
    server.expireAccess();
    const injector = app([
      provideHttpClient(withInterceptors([createSessionInterceptor({ trustedOrigins: [server.url] })])),
      provideSession(() => {
        const http = inject(HttpClient);
        return { refresh: (current) => refreshBy(http, server, current), store: memoryStore(initial) };
      }),
    ]);
    await firstValueFrom(injector.get(HttpClient).get(`${server.url}/api/echo`));
    expect(server.refreshes.map(({ request }) => request.headers.authorization)).toEqual([undefined]);
  });

  it('i: what other interceptors have added to the request is part of the resend', async () => {
    const { server } = auth;
    let calls = 0;
    const tag: HttpInterceptorFn = (request, next) =>
      next(request.clone({ setHeaders: { 'x-tag': `${(calls += 1)}` } }));
    const { get } = appOn(server, { before: [tag] });
    server.expireAccess();
    await firstValueFrom(get('/api/echo'));
    expect(server.sent('/api/echo').map(({ headers }) => headers['x-tag'])).toEqual(['1', '1']);
  });

  it('j: two tabs with one store and a rotating refresh token present no refresh token twice', async () => {
    const { server } = auth;
    const store: TokenStore = memoryStore(server.login());
    const tabs = [appOn(server, { options: { store } }), appOn(server, { options: { store } })] as const;
    await dyingHerd(server, tabs[0], 2).then(kindsOf);
    await firstValueFrom(tabs[1].get('/api/echo?other'));
    expectOrderlyRefreshes(server);
    expect(server.refreshes).toHaveLength(1);
  });

  it('k: unsubscribing the last waiting request neither aborts the refresh nor loses its tokens', async () => {
    const { server } = auth;
    const { get, session } = appOn(server);
    const refresh = server.hold('/api/refresh-token', { when: 'after' });
    const herd = await dyingHerd(server, { get }, 3);
    await refresh.arrived;
    for (const { unsubscribe } of herd) unsubscribe();
    await flush(server);
    refresh.release();
    await server.answered('/api/refresh-token');
    await firstValueFrom(get('/api/echo?after'));
    expect(server.sent('/api/echo?after').map(({ generation }) => generation)).toEqual([2]);
    expect(session.state.tokens?.refreshToken).toBeDefined();
    expectOrderlyRefreshes(server);
  });

  it('l: applications that one process renders share no token and no refresh', async () => {
    const { server } = auth;
    const [ada, bob] = ['ada', 'bob'].map((user) => appOn(server, { options: { initial: server.login(user) } }));
    server.expireAccess('ada');
    const answers = await Promise.all([ada, bob].map((each) => firstValueFrom(each!.get('/api/echo'))));
    expect(answers).toMatchObject([{ user: 'ada' }, { user: 'bob' }]);
    expect(server.refreshes).toHaveLength(1);
    expect(ada?.injector.get(SESSION)).not.toBe(bob?.injector.get(SESSION));
  });

  it('an error of the API with another status than 401 is HttpClient’s own', async () => {
    const { get } = appOn(auth.server);
    await expect(firstValueFrom(get('/api/status/418'))).rejects.toBeInstanceOf(HttpErrorResponse);
    expect(auth.server.counts).toEqual({ '/api/status/418': 1 });
  });
});
