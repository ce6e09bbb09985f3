import { HttpContext, HttpEventType, HttpHeaders, type HttpRequest, HttpResponse } from '@angular/common/http';
import { InjectionToken } from '@angular/core';
import { createSessionInterceptor, provideSession, SKIP_SESSION } from 'sluice/angular';
import { memoryStore, type Session, type TokenSet } from 'sluice/session';
import { firstValueFrom, of, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { kindsOf } from '../behaviour/fixture.ts';
import { flush } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { appOn, dyingHerd, statusOf, stranger, tokenStates } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

describe('The session interceptor leaves alone', () => {
  const skipped = { context: new HttpContext().set(SKIP_SESSION, true) };

  it('a request that skips the session: no token, no waiting, no refresh', async () => {
    const { server } = auth;
    const application = appOn(server);
    const { http } = application;
    const refresh = server.hold('/api/refresh-token');
    const herd = await dyingHerd(server, application, 2);
    await refresh.arrived;
    expect(await statusOf(http.get(`${server.url}/api/echo?skipped`, skipped))).toBe(401);
    expect(server.sent('/api/echo?skipped').map(({ tokenState }) => tokenState)).toEqual(['none']);
    refresh.release();
    await kindsOf(herd);
    expect(server.refreshes).toHaveLength(1);
  });

  it('a request with its own credentials', async () => {
    const { server } = auth;
    const { http } = appOn(server);
    const headers = new HttpHeaders({ authorization: 'Basic b3duOm93bg==' });
    expect(await statusOf(http.get(`${server.url}/api/echo`, { headers }))).toBe(401);
    expect(server.sent('/api/echo').map((request) => request.headers.authorization)).toEqual(['Basic b3duOm93bg==']);
    expect(server.refreshes).toEqual([]);
  });

  it('a request with its own credentials, while others wait for a refresh', async () => {
    const { server } = auth;
    const application = appOn(server);
    const refresh = server.hold('/api/refresh-token');
    const herd = await dyingHerd(server, application, 1);
    await refresh.arrived;
    const headers = new HttpHeaders({ authorization: 'Basic b3duOm93bg==' });
    expect(await statusOf(application.http.get(`${server.url}/api/echo?own`, { headers }))).toBe(401);
    refresh.release();
    expect(await kindsOf(herd)).toEqual(['complete']);
  });

  it('a request with its own credentials in a header of `authorize`, even if its name is known only after the store is read', async () => {
    const { server } = auth;
    const stored$ = new Subject<TokenSet>();
    const { http } = appOn(server, {
      options: {
        authorize: ({ accessToken }) => ({ 'X-Token': accessToken }),
        store: { get: () => firstValueFrom(stored$), set: () => undefined },
      },
    });
    const headers = new HttpHeaders({ 'X-Token': 'own' });
    const request = record(http.get(`${server.url}/api/echo`, { headers }));
    await flush(server);
    stored$.next(server.login());
    await request.outcome;
    expect(server.sent('/api/echo').map((sent) => sent.headers['x-token'])).toEqual(['own']);
    expect(server.refreshes).toEqual([]);
  });

  it('a JSONP request, which can carry no headers', async () => {
    const { server } = auth;
    const seen: HttpRequest<unknown>[] = [];
    const application = appOn(server, {
      interceptors: [
        createSessionInterceptor({ trustedOrigins: [server.url] }),
        (request, next) => {
          if (request.method !== 'JSONP') return next(request);
          seen.push(request);
          return of(new HttpResponse({ body: 'called back' }));
        },
      ],
    });
    const refresh = server.hold('/api/refresh-token');
    const herd = await dyingHerd(server, application, 1);
    await refresh.arrived;
    expect(await firstValueFrom(application.http.request('JSONP', `${server.url}/api/echo`))).toBe('called back');
    expect(seen.map((request) => request.headers.has('authorization'))).toEqual([false]);
    refresh.release();
    await kindsOf(herd);
  });

  it('a request that `appliesTo` excludes', async () => {
    const { server } = auth;
    const interceptor = createSessionInterceptor({
      trustedOrigins: [server.url],
      appliesTo: ({ url }) => !url.includes('/public/'),
    });
    const { get } = appOn(server, { interceptors: [interceptor] });
    await firstValueFrom(get('/public/echo'));
    await firstValueFrom(get('/api/echo'));
    expect(tokenStates(server)).toEqual(['none', 'valid']);
  });
});

describe('The session interceptor', () => {
  it('puts the token into the header that `authorize` makes', async () => {
    const { server } = auth;
    const authorize = ({ accessToken }: { accessToken: string }) => ({ 'X-Token': accessToken, 'X-App': 'shop' });
    const { get, session } = appOn(server, { options: { authorize } });
    await statusOf(get('/public/echo'));
    const [sent] = server.sent('/public/echo');
    expect(sent?.headers).toMatchObject({ 'x-token': session.state.tokens?.accessToken, 'x-app': 'shop' });
    expect(sent?.headers.authorization).toBeUndefined();
  });

  it('keeps the nonce of a response, but not of an untrusted origin at the end of a redirect', async () => {
    const { server } = auth;
    const nonces: unknown[] = [];
    let url = 'https://evil.example.com/';
    const { get } = appOn(server, {
      options: {
        authorize: ({ accessToken }, { nonce }) => {
          nonces.push(nonce);
          return { Authorization: accessToken };
        },
      },
      interceptors: [
        createSessionInterceptor({ trustedOrigins: [server.url] }),
        () => of(new HttpResponse({ url, headers: new HttpHeaders({ 'DPoP-Nonce': url }) })),
      ],
    });
    await firstValueFrom(get('/public/echo'));
    url = `${server.url}/public/echo`;
    await firstValueFrom(get('/public/echo'));
    await firstValueFrom(get('/public/echo'));
    expect(nonces).toEqual([undefined, undefined, url]);
  });

  it('sends nothing when `authorize` signs out', async () => {
    const { server } = auth;
    const application = appOn(server, {
      options: {
        authorize: ({ accessToken }) => {
          void application.session.signOut();
          return { Authorization: accessToken };
        },
      },
    });
    await expect(firstValueFrom(application.get('/public/echo'))).rejects.toMatchObject({
      name: 'SessionChangedError',
    });
    await flush(server);
    expect(server.sent('/public/echo')).toEqual([]);
  });

  it('calls `isUnauthorized` with errors and responses, and treats a throw as false', async () => {
    const { server } = auth;
    const asked: unknown[] = [];
    const interceptor = createSessionInterceptor({
      trustedOrigins: [server.url],
      isUnauthorized: (answer) => {
        asked.push(answer.status);
        if (answer.status === 500) throw new Error('a mistake of the app');
        return answer instanceof HttpResponse
          ? (answer.body as { errors?: unknown } | null)?.errors !== undefined
          : answer.status === 403;
      },
    });
    const { http, get } = appOn(server, { interceptors: [interceptor], options: { minRefreshIntervalMs: 0 } });
    expect(await statusOf(get('/api/status/500'))).toBe(500);
    expect(server.refreshes).toEqual([]);

    server.expireAccess();
    const answer = await firstValueFrom(http.post(`${server.url}/api/graphql`, { query: '{ me }' }));
    expect(answer).toEqual({ data: { me: 'ada' } });
    expect(server.refreshes).toHaveLength(1);

    server.unauthorized = () => ({ status: 403 });
    server.expireAccess();
    await firstValueFrom(get('/api/echo'));
    expect(server.refreshes).toHaveLength(2);
    expect(asked).toEqual([500, 200, 200, 403, 200]);
  });

  it('emits download progress and one response for a request that is sent twice', async () => {
    const { server } = auth;
    const { http } = appOn(server);
    server.expireAccess();
    const { outcome } = record(http.get(`${server.url}/api/echo`, { observe: 'events', reportDownloadProgress: true }));
    const kinds = (await outcome).values.map((event) => event.type);
    expect(kinds.filter((type) => type === HttpEventType.Response)).toHaveLength(1);
    expect(kinds).toContain(HttpEventType.DownloadProgress);
    expect(kinds.at(-1)).toBe(HttpEventType.Response);
  });

  it('serves several sessions, each for its own API', async () => {
    const { server } = auth;
    const BILLING = new InjectionToken<Session>('billing');
    const billing = await stranger();
    const { http, session, injector } = appOn(server, {
      interceptors: [
        createSessionInterceptor({ session: BILLING, trustedOrigins: [billing.url] }),
        createSessionInterceptor({ trustedOrigins: [server.url] }),
      ],
      providers: [
        provideSession(
          { refresh: () => [billing.login()], store: memoryStore(billing.login('bob')) },
          { provide: BILLING },
        ),
      ],
    });
    billing.expireAccess();
    const answers = await Promise.all([server, billing].map(({ url }) => firstValueFrom(http.get(`${url}/api/echo`))));
    expect(answers).toMatchObject([{ user: 'ada' }, { user: 'ada' }]);
    expect(billing.sent('/api/echo').map(({ tokenState }) => tokenState)).toEqual(['expired', 'valid']);
    expect(server.refreshes).toEqual([]);
    expect(injector.get(BILLING)).not.toBe(session);
  });

  it('aborts an unsubscribed request on the wire', async () => {
    const { server } = auth;
    const { get } = appOn(server);
    const hold = server.hold('/api/echo');
    const request = record(get('/api/echo'));
    await hold.arrived;
    request.unsubscribe();
    await server.closed('/api/echo');
    expect(server.sent('/api/echo')).toHaveLength(1);
  });

  it('never sends a request that is unsubscribed while it waits', async () => {
    const { server } = auth;
    const application = appOn(server);
    const refresh = server.hold('/api/refresh-token');
    const herd = await dyingHerd(server, application, 2);
    await refresh.arrived;
    const waiting = record(application.get('/api/echo?waiting'));
    for (const request of [...herd, waiting]) request.unsubscribe();
    refresh.release();
    await server.answered('/api/refresh-token');
    await flush(server);
    expect(server.counts).toEqual({ '/api/echo': 2, '/api/refresh-token': 1, '/public/flush': 3 });
  });

  it('fails all waiting requests when its application is destroyed', async () => {
    const { server } = auth;
    const application = appOn(server);
    const refresh = server.hold('/api/refresh-token');
    const herd = await dyingHerd(server, application, 2);
    await refresh.arrived;
    application.session.dispose();
    expect(await kindsOf(herd)).toEqual(['error']);
  });
});
