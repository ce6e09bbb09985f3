import { HttpContext, type HttpErrorResponse, HttpEventType, HttpHeaders, HttpResponse } from '@angular/common/http';
import { InjectionToken } from '@angular/core';
import { createSessionInterceptor, provideSession, sessionInterceptor, SKIP_SESSION } from 'sluice/angular';
import { InvalidInputError, memoryStore, type Session } from 'sluice/session';
import { firstValueFrom, type Observable, of } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { kindsOf } from '../behaviour/fixture.ts';
import { flush } from '../http/fixture.ts';
import { startAuthServer, type AuthServer } from '../support/auth-server.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { appOn, dyingHerd, pageAt } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

const statusOf = (request$: Observable<unknown>): Promise<number> =>
  firstValueFrom(request$).then(
    () => 200,
    (error: unknown) => (error as HttpErrorResponse).status,
  );

function tokenStates(server: AuthServer): string[] {
  return server.sent(({ path }) => path !== '/public/flush').map(({ tokenState }) => tokenState);
}

async function stranger(): Promise<AuthServer> {
  const other = await startAuthServer();
  onTestFinished(() => other.close());
  return other;
}

describe('The session interceptor trusts', () => {
  it('the page’s own origin, without being told', async () => {
    const { server } = auth;
    const { get } = appOn(server, { interceptors: [sessionInterceptor], providers: [pageAt(`${server.url}/app/`)] });
    await firstValueFrom(get('/api/echo'));
    expect(tokenStates(server)).toEqual(['valid']);
  });

  it('nobody else', async () => {
    const other = await stranger();
    const { http } = appOn(auth.server);
    expect(await statusOf(http.get(`${other.url}/api/echo`))).toBe(401);
    expect(tokenStates(other)).toEqual(['none']);
  });

  it('nobody by the look of a URL', async () => {
    const other = await stranger();
    const { server } = auth;
    const { http } = appOn(server);
    const { host } = new URL(server.url);
    const { host: theirs, port } = new URL(other.url);
    const hostile = [
      `http:\\\\${theirs}\\api\\echo`,
      `HTTP://${theirs}/api/echo`,
      ` ${other.url}/api/echo`,
      `http://\t${theirs}/api/\necho`,
      `http://127.0.0.1.:${port}/api/echo`,
      `http://2130706433:${port}/api/echo`,
      `${other.url}/${server.url}/api/echo`,
      `${other.url}?${server.url}`,
    ];
    for (const url of hostile) await statusOf(http.get(url));
    expect(tokenStates(other)).toEqual(Array(hostile.length).fill('none'));
    // With a user before the host, fetch refuses to send at all.
    expect(await statusOf(http.get(`http://${host}@${theirs}/api/echo`))).toBe(0);
    expect(server.requests).toEqual([]);
  });

  it.each(['data:text/plain,hello', 'blob:nodedata:0', 'javascript:0', 'http://[', '//', ''])(
    'no URL that leads nowhere, or to no origin: %s',
    async (url) => {
      const { server } = auth;
      const sent: (string | null)[] = [];
      const { http } = appOn(server, {
        interceptors: [
          createSessionInterceptor({ trustedOrigins: [server.url] }),
          ({ headers }) => {
            sent.push(headers.get('authorization'));
            return of(new HttpResponse());
          },
        ],
        providers: [pageAt(undefined)],
      });
      await firstValueFrom(http.get(url));
      // Where the page is nowhere, what is relative goes to its own origin all the same.
      expect(sent).toEqual([url === '' ? `Bearer ${server.secrets()[0] ?? ''}` : null]);
    },
  );

  it('origins only, and says so when it is made', () => {
    expect(() => createSessionInterceptor({ trustedOrigins: ['https://api.example.com/v1'] })).toThrow(
      InvalidInputError,
    );
    expect(() => createSessionInterceptor({ trustedOrigins: ['*'] })).toThrow(InvalidInputError);
    expect(() => createSessionInterceptor({ trustedOrigin: ['https://api.example.com'] } as object)).toThrow(
      /trustedOrigin\b/,
    );
  });

  it('not the 401 of the place that a redirect led to', async () => {
    const other = await stranger();
    const { server } = auth;
    const { get } = appOn(server);
    const to = encodeURIComponent(`${other.url}/api/echo`);
    expect(await statusOf(get(`/api/redirect?to=${to}`))).toBe(401);
    expect(tokenStates(other)).toEqual(['none']);
    expect(server.refreshes).toEqual([]);
  });
});

describe('The session interceptor lets through', () => {
  const skipped = { context: new HttpContext().set(SKIP_SESSION, true) };

  it('what skips the session: no token, no waiting, no refresh', async () => {
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

  it('what brings its own credentials', async () => {
    const { server } = auth;
    const { http } = appOn(server);
    const headers = new HttpHeaders({ authorization: 'Basic b3duOm93bg==' });
    expect(await statusOf(http.get(`${server.url}/api/echo`, { headers }))).toBe(401);
    expect(server.sent('/api/echo').map((request) => request.headers.authorization)).toEqual(['Basic b3duOm93bg==']);
    expect(server.refreshes).toEqual([]);
  });

  it('what `appliesTo` leaves out', async () => {
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
  it('puts the token where `authorize` says', async () => {
    const { server } = auth;
    const authorize = ({ accessToken }: { accessToken: string }) => ({ 'X-Token': accessToken, 'X-App': 'shop' });
    const { get, session } = appOn(server, { options: { authorize } });
    await statusOf(get('/public/echo'));
    const [sent] = server.sent('/public/echo');
    expect(sent?.headers).toMatchObject({ 'x-token': session.state.tokens?.accessToken, 'x-app': 'shop' });
    expect(sent?.headers.authorization).toBeUndefined();
  });

  it('asks `isUnauthorized` of errors and answers, and takes one that throws for no', async () => {
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

  it('gives progress and headers as they come, of the last send only', async () => {
    const { server } = auth;
    const { http } = appOn(server);
    server.expireAccess();
    const { outcome } = record(http.get(`${server.url}/api/echo`, { observe: 'events', reportDownloadProgress: true }));
    const kinds = (await outcome).values.map((event) => event.type);
    expect(kinds.filter((type) => type === HttpEventType.Response)).toHaveLength(1);
    expect(kinds).toContain(HttpEventType.DownloadProgress);
    expect(kinds.at(-1)).toBe(HttpEventType.Response);
  });

  it('serves several sessions, each its own API', async () => {
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

  it('aborts on the wire what is unsubscribed', async () => {
    const { server } = auth;
    const { get } = appOn(server);
    const hold = server.hold('/api/echo');
    const request = record(get('/api/echo'));
    await hold.arrived;
    request.unsubscribe();
    await server.closed('/api/echo');
    expect(server.sent('/api/echo')).toHaveLength(1);
  });

  it('never sends what is unsubscribed while it waits', async () => {
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

  it('tells everybody who waits when its application ends', async () => {
    const { server } = auth;
    const application = appOn(server);
    const refresh = server.hold('/api/refresh-token');
    const herd = await dyingHerd(server, application, 2);
    await refresh.arrived;
    application.session.dispose();
    expect(await kindsOf(herd)).toEqual(['error']);
  });
});
