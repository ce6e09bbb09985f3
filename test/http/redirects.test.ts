import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RedirectTrail } from '../../src/http/redirects.ts';
import { trustedOrigins } from '../../src/http/trusted-origins.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn, errorOf, type Echo } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
const elsewhere = useAuthServer();
const to = (url: string) => `/api/redirect?to=${encodeURIComponent(url)}`;

const require = createRequire(import.meta.url);
const followRedirects = createRequire(require.resolve('axios'))('follow-redirects') as Record<'http', object>;

/** How many tokens another server received in `Authorization` or in a header of the app's own. */
const leaked = () =>
  elsewhere.server.requests.flatMap(({ rawHeaders }) => rawHeaders.filter((text) => text.includes('access')));

describe.each(adapters)('a redirect, with the %s adapter,', (adapter) => {
  it('within the origin keeps the token', async () => {
    const { api, refresh } = appOn(auth.server, { adapter });
    expect((await firstValueFrom(api.get<Echo>(to('/api/echo')))).user).toBe('ada');
    expect(refresh).not.toHaveBeenCalled();
    expect(auth.server.requests.map(({ tokenState }) => tokenState)).toEqual(['valid', 'valid']);
  });

  it('within the origin and to a 401 at its end is followed by a refresh and a resend', async () => {
    const { api } = appOn(auth.server, { adapter });
    auth.server.route('/public/moved', () => ({ status: 302, headers: { location: '/api/echo' } }));
    auth.server.expireAccess();
    expect((await firstValueFrom(api.get<Echo>('/public/moved'))).generation).toBe(2);
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it.each([302, 307])('(%s) to another origin carries no Authorization', async (status) => {
    const { api } = appOn(auth.server, { adapter });
    const target = `${elsewhere.server.url}/public/echo`;
    await firstValueFrom(api.get(`${to(target)}&status=${status}`));
    expect(auth.server.requests[0]?.tokenState).toBe('valid');
    expect(elsewhere.server.requests).toHaveLength(1);
    expect(leaked()).toEqual([]);
  });

  it('to another name of the same machine carries no Authorization', async () => {
    const { api } = appOn(auth.server, { adapter });
    const target = `${elsewhere.server.url.replace('127.0.0.1', 'localhost')}/public/echo`;
    await firstValueFrom(api.get(to(target)));
    expect(elsewhere.server.requests).toHaveLength(1);
    expect(leaked()).toEqual([]);
  });

  it('to an untrusted origin that answers 401 starts no refresh', async () => {
    const { api, refresh, session } = appOn(auth.server, { adapter });
    expect(await errorOf(api.get(to(`${elsewhere.server.url}/api/echo`)))).toMatchObject({ status: 401 });
    expect(elsewhere.server.requests).toHaveLength(1);
    expect(refresh).not.toHaveBeenCalled();
    expect(session.state.generation).toBe(1);
  });

  it('to an untrusted origin is not judged by the predicate either', async () => {
    const isUnauthorized = vi.fn(() => true);
    const { api, refresh } = appOn(auth.server, { adapter, isUnauthorized });
    await firstValueFrom(api.get(to(`${elsewhere.server.url}/public/echo`)));
    expect(isUnauthorized).not.toHaveBeenCalled();
    expect(refresh).not.toHaveBeenCalled();
  });
});

it('a redirect to an untrusted origin that answers 401 starts no refresh when the app sets a `fetch`', async () => {
  const own = vi.fn((...of: Parameters<typeof fetch>) => fetch(...of));
  const { api, refresh } = appOn(auth.server, { adapter: 'fetch', env: { fetch: own } });
  expect(await errorOf(api.get(to(`${elsewhere.server.url}/api/echo`)))).toMatchObject({ status: 401 });
  expect(own).toHaveBeenCalledOnce();
  expect(refresh).not.toHaveBeenCalled();
});

it('without a global `Request`, fetch does not show where a response came from: a 401 starts a refresh', async () => {
  const { api } = appOn(auth.server, { adapter: 'fetch', env: { Request: null } as never });
  auth.server.expireAccess();
  expect((await firstValueFrom(api.get<Echo>(to('/api/echo')))).generation).toBe(2);
});

describe('a redirect, with Node’s adapter,', () => {
  const custom = {
    sessionOptions: { authorize: ({ accessToken }: { accessToken: string }) => ({ 'X-Token': accessToken }) },
  };

  it('to another origin carries no header of the token, whatever its name, but all the others', async () => {
    const { api } = appOn(auth.server, custom);
    const target = `${elsewhere.server.url}/public/echo`;
    auth.server.route('/public/away', () => ({ status: 302, headers: { location: target } }));
    await firstValueFrom(api.get('/public/away', { headers: { 'X-Own': 'mine' } }));
    expect(auth.server.requests[0]?.headers['x-token']).toMatch(/^access1/);
    expect(elsewhere.server.requests[0]?.headers['x-own']).toBe('mine');
    expect(elsewhere.server.requests[0]?.headers['x-token']).toBeUndefined();
  });

  it('that a transport of the app follows carries no header of the token to another origin, whose 401 starts no refresh', async () => {
    const { api, refresh } = appOn(auth.server, { ...custom, transport: followRedirects.http });
    auth.server.route('/public/away', () => ({
      status: 302,
      headers: { location: `${elsewhere.server.url}/api/echo` },
    }));
    expect(await errorOf(api.get('/public/away'))).toMatchObject({ status: 401 });
    expect(auth.server.requests[0]?.headers['x-token']).toMatch(/^access1/);
    expect(elsewhere.server.requests.map(({ headers }) => headers['x-token'])).toEqual([undefined]);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('to a trusted origin carries a header of the app', async () => {
    const { api } = appOn(auth.server, { ...custom, trustedOrigins: [elsewhere.server.url] });
    auth.server.route('/public/away', () => ({
      status: 302,
      headers: { location: `${elsewhere.server.url}/public/echo` },
    }));
    await firstValueFrom(api.get('/public/away'));
    expect(elsewhere.server.requests[0]?.headers['x-token']).toMatch(/^access1/);
  });

  it('through an untrusted origin back does not carry the token again', async () => {
    const { api } = appOn(auth.server, custom);
    auth.server.route('/public/away', () => ({
      status: 302,
      headers: { location: `${elsewhere.server.url}/public/back` },
    }));
    elsewhere.server.route('/public/back', () => ({
      status: 302,
      headers: { location: `${auth.server.url}/public/echo` },
    }));
    await firstValueFrom(api.get('/public/away'));
    expect(auth.server.requests.map(({ headers }) => 'x-token' in headers)).toEqual([true, false]);
  });

  it('is passed to the caller’s `beforeRedirect`, which cannot put the token back', async () => {
    const beforeRedirect = vi.fn((options: Record<string, unknown>) => {
      (options['headers'] as Record<string, unknown>)['x-ToKeN'] = 'access back';
    });
    const { api } = appOn(auth.server, custom);
    auth.server.route('/public/away', () => ({
      status: 302,
      headers: { location: `${elsewhere.server.url}/public/echo` },
    }));
    await firstValueFrom(api.get('/public/away', { beforeRedirect }));
    expect(beforeRedirect).toHaveBeenCalledOnce();
    expect(leaked()).toEqual([]);
  });

  it.each(['other headers', 'no headers'])(
    'carries no token when the caller’s `beforeRedirect` puts %s there',
    async (what) => {
      const beforeRedirect = (options: Record<string, unknown>): void => {
        if (what === 'no headers') delete options['headers'];
        else options['headers'] = { ...(options['headers'] as object), 'X-Own': 'mine' };
      };
      const { api } = appOn(auth.server, custom);
      auth.server.route('/public/away', () => ({
        status: 302,
        headers: { location: `${elsewhere.server.url}/public/echo` },
      }));
      await firstValueFrom(api.get('/public/away', { beforeRedirect }));
      expect(elsewhere.server.requests.map((request) => request.headers['x-own'])).toEqual([
        what === 'no headers' ? undefined : 'mine',
      ]);
      expect(leaked()).toEqual([]);
    },
  );

  it('is not followed with `maxRedirects: 0`', async () => {
    const { api } = appOn(auth.server);
    const error = await errorOf(api.get(to(`${elsewhere.server.url}/public/echo`), { maxRedirects: 0 }));
    expect(error).toMatchObject({ status: 302 });
    expect(elsewhere.server.requests).toEqual([]);
  });
});

describe('a redirect to a subdomain', () => {
  let server: Server;
  let seen: { host: string | undefined; authorization: string | undefined; token: unknown }[];
  let port: number;
  beforeEach(async () => {
    seen = [];
    server = createServer(({ headers, url }, response) => {
      seen.push({ host: headers.host, authorization: headers.authorization, token: headers['x-token'] });
      if (url === '/go') response.writeHead(302, { location: `http://sub.localhost:${port}/there` });
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each(['Authorization', 'X-Token'])('carries no %s', async (name) => {
    const { api } = appOn(auth.server, {
      baseURL: `http://localhost:${port}`,
      sessionOptions: { authorize: ({ accessToken }) => ({ [name]: accessToken }) },
      lookup: (_host, _options, callback) => {
        callback(null, '127.0.0.1', 4);
      },
    });
    await firstValueFrom(api.get('/go'));
    expect(seen.map(({ host }) => host)).toEqual([`localhost:${port}`, `sub.localhost:${port}`]);
    expect([seen[0]?.authorization ?? seen[0]?.token]).toEqual([expect.stringContaining('access1')]);
    expect(seen[1]).toMatchObject({ authorization: undefined, token: undefined });
  });
});

describe('RedirectTrail', () => {
  const target = { method: 'GET', url: 'https://api.example.com/me' };
  const trail = (headers = { 'X-Token': 'secret' }, listed: string[] = []) =>
    new RedirectTrail(
      trustedOrigins(() => 'https://api.example.com', listed),
      target,
      headers,
    );
  const redirect = (to: RedirectTrail, href: string | undefined, headers: Record<string, string>, own?: () => void) => {
    const next = { href, headers };
    to.guard(own)(next, {} as never, {} as never);
    return next.headers;
  };
  const sent = { 'x-token': 'secret', accept: '*/*' };

  it.each([undefined, 'not a url', 'https://evil.com/', 'https://api.example.com.evil.com/'])(
    'removes the token on a redirect to %s',
    (href) => {
      expect(redirect(trail(), href, { ...sent, 'X-TOKEN': 'secret' })).toEqual({ accept: '*/*' });
    },
  );

  it('keeps the token on a redirect within the origin', () => {
    expect(redirect(trail(), 'https://api.example.com/other', { ...sent })).toEqual(sent);
  });

  it('restores the token that the platform has dropped on the way to another trusted origin', () => {
    const both = trail({ 'X-Token': 'secret' }, ['https://files.example.com']);
    expect(redirect(both, 'https://files.example.com/1', { accept: '*/*' })).toEqual({
      accept: '*/*',
      'X-Token': 'secret',
    });
    expect(both.reached({ request: {} } as never)).toBe(true);
  });

  it('does not send the token back along a redirect that an untrusted origin made', () => {
    const back = trail();
    redirect(back, 'https://evil.com/', { ...sent });
    expect(redirect(back, 'https://api.example.com/admin', { accept: '*/*' })).toEqual({ accept: '*/*' });
    expect(back.reached({ request: {} } as never)).toBe(false);
  });

  it('does not restore the token when the app’s own `beforeRedirect` has removed it', () => {
    const without = trail();
    const next = { href: 'https://api.example.com/other', headers: { ...sent } as Record<string, string> };
    const own = () => {
      delete next.headers['x-token'];
    };
    without.guard(own)(next, {} as never, {} as never);
    expect(next.headers).toEqual({ accept: '*/*' });
    expect(without.reached({ request: {} } as never)).toBe(false);
  });

  describe('reached(), whether the final URL got the token, after redirects that the platform followed,', () => {
    const reached = (responseURL: unknown, headers: Record<string, string>) =>
      trail(headers as never, ['https://files.example.com']).reached({ request: { responseURL } } as never);
    const bearer = { Authorization: 'Bearer secret' };

    it.each([
      ['no URL', undefined],
      ['the same origin', 'https://api.example.com/other'],
      ['a relative URL, as of a mock', '/me'],
      ["Capacitor's proxy", 'http://localhost/_capacitor_http_interceptor_?u=https%3A%2F%2Fapi.example.com'],
    ])('is true for a response from %s', (_, url) => {
      expect(reached(url, bearer)).toBe(true);
    });

    it('is true for a response of the same host after an upgrade to https', () => {
      const plain = new RedirectTrail(
        trustedOrigins(() => 'http://api.example.com'),
        { method: 'GET', url: 'http://api.example.com/me' },
        bearer,
      );
      expect(plain.reached({ request: { responseURL: 'https://api.example.com/me' } } as never)).toBe(true);
    });

    it('is false for a response of another origin: the platform has dropped Authorization', () => {
      expect(reached('https://files.example.com/1', bearer)).toBe(false);
      expect(reached('https://evil.com/', bearer)).toBe(false);
    });

    it('is true only for a trusted origin when the token is in a header other than Authorization', () => {
      expect(reached('https://files.example.com/1', { 'X-Token': 'secret' })).toBe(true);
      expect(reached('https://evil.com/', { 'X-Token': 'secret' })).toBe(false);
    });
  });
});
