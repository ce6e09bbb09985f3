import { HttpResponse } from '@angular/common/http';
import { type Provider } from '@angular/core';
import { createSessionInterceptor, sessionInterceptor } from 'sluice/angular';
import { InvalidInputError } from 'sluice/session';
import { firstValueFrom, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { appOn, pageAt, pageOnServer, statusOf, stranger, tokenStates } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

/** The Authorization header that the session's interceptor passed on. */
async function sentTo(url: string, page: Provider): Promise<(string | null)[]> {
  const sent: (string | null)[] = [];
  const { http } = appOn(auth.server, {
    options: { initial: { accessToken: 'access' } },
    interceptors: [
      sessionInterceptor,
      ({ headers }) => {
        sent.push(headers.get('authorization'));
        return of(new HttpResponse());
      },
    ],
    providers: [page],
  });
  await firstValueFrom(http.get(url));
  return sent;
}

describe('Trusted origins of the session interceptor', () => {
  it('do not include those of a polluted `Object.prototype`', async () => {
    const { server } = auth;
    Object.defineProperty(Object.prototype, 'trustedOrigins', { value: [server.url], configurable: true });
    try {
      const interceptors = [createSessionInterceptor({})];
      const { get } = appOn(server, { interceptors, providers: [pageAt('https://app.example/')] });
      await firstValueFrom(get('/public/echo'));
    } finally {
      Reflect.deleteProperty(Object.prototype, 'trustedOrigins');
    }
    expect(tokenStates(server)).toEqual(['none']);
  });

  it('include the page’s own without `trustedOrigins`', async () => {
    const { server } = auth;
    const { get } = appOn(server, { interceptors: [sessionInterceptor], providers: [pageAt(`${server.url}/app/`)] });
    await firstValueFrom(get('/api/echo'));
    expect(tokenStates(server)).toEqual(['valid']);
  });

  it('include the page of a webview shell, whose `URL.origin` is "null", but no other host of its scheme', async () => {
    const page = pageAt('capacitor://localhost/app/');
    expect(await sentTo('/api/echo', page)).toEqual(['Bearer access']);
    expect(await sentTo('capacitor://localhost/api/echo', page)).toEqual(['Bearer access']);
    expect(await sentTo('capacitor://evil/api/echo', page)).toEqual([null]);
    expect(await sentTo('data:text/plain,x', page)).toEqual([null]);
    expect(await sentTo('data:text/plain,x', pageAt('file:///home/index.html'))).toEqual([null]);
  });

  it('exclude every other origin', async () => {
    const other = await stranger();
    const { http } = appOn(auth.server);
    expect(await statusOf(http.get(`${other.url}/api/echo`))).toBe(401);
    expect(tokenStates(other)).toEqual(['none']);
  });

  it('exclude other origins however their URLs are written', async () => {
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
    // fetch refuses to send a URL with userinfo.
    expect(await statusOf(http.get(`http://${host}@${theirs}/api/echo`))).toBe(0);
    expect(server.requests).toEqual([]);
  });

  it.each(['data:text/plain,hello', 'blob:nodedata:0', 'javascript:0', 'http://[', '//', ''])(
    'exclude URLs that have no origin: %s',
    async (url) => {
      // Without a page, an empty URL is relative and so counts as the page's own origin.
      expect(await sentTo(url, pageAt(undefined))).toEqual([url === '' ? 'Bearer access' : null]);
    },
  );

  it.each([
    ['https://app.example.com/api', 'Bearer access'],
    ['https://app.example.com:443/api', 'Bearer access'],
    ['/api', 'Bearer access'],
    ['//app.example.com/api', 'Bearer access'],
    ['https://app.example.com:8443/api', null],
    ['http://app.example.com/api', null],
    ['https://app.example.com.evil.test/api', null],
    ['https://app.example.com@evil.test/api', null],
    ['https:\\\\evil.test/api', null],
    ['//evil.test/api', null],
  ])('decide at the page https://app.example.com/ that a request to %s has the header %s', async (url, header) => {
    expect(await sentTo(url, pageAt('https://app.example.com/shop/'))).toEqual([header]);
  });

  it('exclude the origin of a `<base>` element: a relative URL, which resolves to it, gets no token', async () => {
    const page = pageAt('https://app.example.com/', 'https://cdn.example.com/');
    expect(await sentTo('api', page)).toEqual([null]);
    expect(await sentTo('https://app.example.com/api', page)).toEqual(['Bearer access']);
  });

  it.each([
    [null, 'api', 'Bearer access'],
    ['/shop/', 'api', 'Bearer access'],
    ['https://cdn.example.com/', 'api', null],
    ['https://cdn.example.com/', 'https://app.example.com/api', 'Bearer access'],
    [null, 'https://evil.test/api', null],
  ])(
    'decide for a page that a server renders, with the base %s, that a request to %s has the header %s',
    async (base, url, header) => {
      expect(await sentTo(url, pageOnServer('https://app.example.com/', base))).toEqual([header]);
    },
  );

  it('have to be origins: the interceptor throws for anything else when it is made', () => {
    expect(() => createSessionInterceptor({ trustedOrigins: ['https://api.example.com/v1'] })).toThrow(
      InvalidInputError,
    );
    expect(() => createSessionInterceptor({ trustedOrigins: ['*'] })).toThrow(InvalidInputError);
    expect(() => createSessionInterceptor({ trustedOrigin: ['https://api.example.com'] } as object)).toThrow(
      /trustedOrigin\b/,
    );
  });

  it('do not include the place that a redirect led to: its 401 starts no refresh', async () => {
    const other = await stranger();
    const { server } = auth;
    const { get } = appOn(server);
    const to = encodeURIComponent(`${other.url}/api/echo`);
    expect(await statusOf(get(`/api/redirect?to=${to}`))).toBe(401);
    expect(tokenStates(other)).toEqual(['none']);
    expect(server.refreshes).toEqual([]);
  });
});
