import type { TokenSet } from 'sluice/session';
import { describe, expect, it, vi } from 'vitest';
import type { Echo } from '../http/fixture.ts';
import { bearerToken } from '../support/request-log.ts';
import type { ServerRequest } from '../support/server-request.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { fetchOn, rejectionOf, streamOf } from './fixture.ts';

failOnUnhandled();
const readToken = (headers: ServerRequest['headers']) =>
  bearerToken(headers) ?? (headers['x-access-token'] as string | undefined);
const auth = useAuthServer({ readToken });
const elsewhere = useAuthServer({ readToken });
const third = useAuthServer({ readToken });

const redirect = (from: typeof auth, path: string, to: string, status = 302): string => {
  from.server.route(path, () => ({ status, headers: { location: to }, body: 'moved' }));
  return from.server.url + path;
};
/** How many requests with tokens of `auth` a server received, in whatever header. */
const leaksTo = ({ server }: typeof auth): number =>
  server.requests.filter(({ rawHeaders, url, body }) =>
    auth.server.secrets().some((secret) => [url, ...rawHeaders, body.toString()].join('\n').includes(secret)),
  ).length;
const pathsOf = ({ server }: typeof auth): string[] => server.requests.map(({ method, path }) => `${method} ${path}`);
const echoOf = async (response: Response): Promise<Echo> => (await response.json()) as Echo;

const ways = {
  'in Authorization': {},
  'in a header of its own': { authorize: ({ accessToken }: TokenSet) => ({ 'X-Access-Token': accessToken }) },
  'in both': {
    authorize: ({ accessToken }: TokenSet) => ({
      'X-Access-Token': accessToken,
      Authorization: `Bearer ${accessToken}`,
    }),
  },
};

describe.each(Object.entries(ways))('sessionFetch, with a token %s, when a redirect', (_, sessionOptions) => {
  it.each([301, 302, 303, 307, 308])('(%i) stays within the origin: sends the token along', async (status) => {
    const { api, refresh } = fetchOn(auth.server, { sessionOptions });
    const response = await api(redirect(auth, '/public/moved', '/api/echo', status));
    expect(response).toMatchObject({ status: 200, redirected: true, url: `${auth.server.url}/api/echo` });
    expect((await echoOf(response)).user).toBe('ada');
    expect(refresh).not.toHaveBeenCalled();
  });

  it('stays within the origin: refreshes for a 401 at its end', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions });
    auth.server.expireAccess();
    expect((await echoOf(await api(redirect(auth, '/public/moved', '/api/echo')))).generation).toBe(2);
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it.each([302, 307])('(%i) leads to an untrusted origin: sends no token along', async (status) => {
    const { api } = fetchOn(auth.server, { sessionOptions });
    const response = await api(redirect(auth, '/public/away', `${elsewhere.server.url}/public/echo`, status), {
      headers: { 'X-Own': 'yes' },
    });
    expect(response).toMatchObject({ status: 200, redirected: true, url: `${elsewhere.server.url}/public/echo` });
    expect(auth.server.requests[0]?.tokenState).toBe('valid');
    expect(elsewhere.server.requests.map(({ headers }) => headers['x-own'])).toEqual(['yes']);
    expect(leaksTo(elsewhere)).toBe(0);
  });

  it('leads to another name of the same machine: sends no token along', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions });
    await api(redirect(auth, '/public/away', `${elsewhere.server.url.replace('127.0.0.1', 'localhost')}/public/echo`));
    expect(elsewhere.server.requests).toHaveLength(1);
    expect(leaksTo(elsewhere)).toBe(0);
  });

  it('leads to an untrusted origin that answers 401: starts no refresh and does not ask the predicate', async () => {
    const isUnauthorized = vi.fn(() => true);
    const { api, refresh } = fetchOn(auth.server, { sessionOptions, isUnauthorized });
    const response = await api(redirect(auth, '/public/away', `${elsewhere.server.url}/api/echo`));
    expect(response.status).toBe(401);
    expect(elsewhere.server.requests).toHaveLength(1);
    expect(isUnauthorized).not.toHaveBeenCalled();
    expect(refresh).not.toHaveBeenCalled();
  });

  it('leads through an untrusted origin to a third one: sends no token along', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions });
    redirect(elsewhere, '/public/on', `${third.server.url}/public/echo`);
    const response = await api(redirect(auth, '/public/away', `${elsewhere.server.url}/public/on`));
    expect(response.redirected).toBe(true);
    expect([pathsOf(elsewhere), pathsOf(third)]).toEqual([['GET /public/on'], ['GET /public/echo']]);
    expect([leaksTo(elsewhere), leaksTo(third)]).toEqual([0, 0]);
  });

  it('leads through an untrusted origin back: sends no token again', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions });
    redirect(elsewhere, '/public/back', `${auth.server.url}/public/echo`);
    await api(redirect(auth, '/public/away', `${elsewhere.server.url}/public/back`));
    expect(auth.server.sent('/public/echo').map(({ tokenState }) => tokenState)).toEqual(['none']);
    expect(leaksTo(elsewhere)).toBe(0);
  });

  it.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [303, 'HEAD', 'HEAD', ''],
    [302, 'PUT', 'PUT', 'text'],
    [307, 'POST', 'POST', 'text'],
    [308, 'POST', 'POST', 'text'],
  ])('(%i) of %s becomes %s: sends what fetch sends', async (status, method, becomes, body) => {
    const { api } = fetchOn(auth.server, { sessionOptions });
    const url = redirect(auth, '/public/moved', '/public/end', status);
    const init = {
      method: method.toLowerCase(),
      ...(method !== 'HEAD' && { body: 'text' }),
      headers: { 'X-Own': 'yes', 'Content-Type': 'text/x', 'Content-Language': 'en' },
    };
    const shown = ({ method, body, headers }: ServerRequest) => {
      const { authorization: _, 'x-access-token': __, ...rest } = headers;
      return { method, body: body.toString(), rest };
    };
    // PUT is accepted in lower case; other methods only if the platform normalises them.
    await api(url, init);
    await fetch(url, init);
    const [ours, platforms] = auth.server.sent('/public/end').map(shown);
    expect(ours).toMatchObject({ method: becomes, body });
    expect(ours).toEqual(platforms);
  });

  it('is to be handled by the caller: leaves it alone, or rejects if the caller asks for an error', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions });
    const url = redirect(auth, '/public/moved', '/api/echo');
    expect((await api(url, { redirect: 'manual' })).status).toBe(302);
    expect((await api(new Request(url, { redirect: 'manual' }))).status).toBe(302);
    expect(await rejectionOf(api(url, { redirect: 'error' }))).toBeInstanceOf(TypeError);
    expect(auth.server.sent('/api/echo')).toEqual([]);
  });

  it('is repeated without end: gives up after twenty', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions });
    expect(await rejectionOf(api(redirect(auth, '/public/loop', '/public/loop')))).toBeInstanceOf(TypeError);
    expect(auth.server.requests).toHaveLength(21);
  });

  it.each(['data:text/plain,x', 'file:///etc/passwd', 'http://'])(
    'leads to %s: rejects with a TypeError',
    async (to) => {
      const { api } = fetchOn(auth.server, { sessionOptions });
      expect(await rejectionOf(api(redirect(auth, '/public/odd', to)))).toBeInstanceOf(TypeError);
    },
  );

  it('has no Location, or is a 304: delivers it as the response', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions });
    auth.server.route('/public/odd', () => ({ status: 302, body: 'nowhere' }));
    expect(await (await api(`${auth.server.url}/public/odd`)).text()).toBe('nowhere');
    expect((await api(`${auth.server.url}/public/status/304?location=/api/echo`)).status).toBe(304);
  });

  it('answers a Request: follows it as for a URL', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions });
    const request = new Request(redirect(auth, '/public/moved', '/api/echo'), { headers: { 'X-Own': 'yes' } });
    const echo = await echoOf(await api(request));
    expect(echo).toMatchObject({ user: 'ada', headers: { 'x-own': 'yes' } });
  });

  it('turns a POST of a stream into a GET: follows further redirects, which need no body', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions });
    redirect(auth, '/public/further', '/api/echo', 307);
    const init = { method: 'POST', body: streamOf('one'), duplex: 'half' } as RequestInit;
    const echo = await echoOf(await api(redirect(auth, '/public/moved', '/public/further', 303), init));
    expect(echo).toMatchObject({ method: 'GET', text: '', user: 'ada' });
  });

  it('is being followed: ends when the signal is aborted', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions });
    const controller = new AbortController();
    const hold = auth.server.hold('/api/echo');
    const { signal } = controller;
    const rejection = rejectionOf(api(redirect(auth, '/public/moved', '/api/echo'), { signal }));
    await hold.arrived;
    controller.abort();
    expect(await rejection).toBe(signal.reason);
    await auth.server.closed('/api/echo');
  });
});

describe('sessionFetch, with a token in Authorization, when a redirect leads to another trusted origin', () => {
  it('sends no token along, as platforms do, and delivers a 401 from there', async () => {
    const { api, refresh } = fetchOn(auth.server, { trustedOrigins: [auth.server.url, elsewhere.server.url] });
    const response = await api(redirect(auth, '/public/away', `${elsewhere.server.url}/api/echo`));
    expect(response.status).toBe(401);
    expect(elsewhere.server.requests.map(({ tokenState }) => tokenState)).toEqual(['none']);
    expect(refresh).not.toHaveBeenCalled();
  });
});

describe('sessionFetch, with a token in a header of its own, when a redirect', () => {
  const sessionOptions = ways['in a header of its own'];

  it('leads to another trusted origin: sends the token along, and refreshes for a 401 there', async () => {
    const { api, refresh } = fetchOn(auth.server, {
      sessionOptions,
      trustedOrigins: [auth.server.url, elsewhere.server.url],
    });
    elsewhere.server.route('/public/api', ({ headers }) =>
      headers['x-access-token'] === auth.server.secrets()[0] ? { status: 401 } : { body: 'good' },
    );
    const response = await api(redirect(auth, '/public/away', `${elsewhere.server.url}/public/api`));
    expect(await response.text()).toBe('good');
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(elsewhere.server.requests).toHaveLength(2);
  });

  it('leads to another origin: sends none of the caller’s Authorization along', async () => {
    const { api } = fetchOn(auth.server, {
      sessionOptions,
      trustedOrigins: [auth.server.url, elsewhere.server.url],
    });
    await api(redirect(auth, '/public/away', `${elsewhere.server.url}/public/echo`), {
      headers: { Authorization: 'Basic eDp5' },
    });
    expect(auth.server.requests[0]?.headers.authorization).toBe('Basic eDp5');
    expect(elsewhere.server.requests[0]?.headers).not.toHaveProperty('authorization');
    expect(elsewhere.server.requests[0]?.headers).toHaveProperty('x-access-token');
  });

  it('has been received: frees its connection', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions });
    auth.server.route('/public/moved', () => ({
      status: 302,
      headers: { location: '/api/echo' },
      body: (async function* () {
        yield 'moved';
        await new Promise(() => undefined);
      })(),
    }));
    expect((await api(`${auth.server.url}/public/moved`)).status).toBe(200);
    await auth.server.closed('/public/moved');
  });

  it('needs a body that has been read: fails with BodyUsedError, whose cause is the response that redirected', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions });
    const init = { method: 'POST', body: streamOf('one'), duplex: 'half' } as RequestInit;
    const error = await rejectionOf(api(redirect(auth, '/public/moved', '/api/echo', 307), init));
    expect(error).toMatchObject({ code: 'body-used', cause: { status: 307 } });
    expect(auth.server.sent('/api/echo')).toEqual([]);
  });

  it('is hidden by the platform, as in browsers: fails instead of leaking the token', async () => {
    const opaque = Object.defineProperty(Response.error(), 'type', { value: 'opaqueredirect' });
    const send = vi.fn<typeof fetch>(() => Promise.resolve(opaque));
    const { api } = fetchOn(auth.server, { sessionOptions, fetch: send });
    expect(await rejectionOf(api(`${auth.server.url}/api/echo`))).toMatchObject({
      name: 'TypeError',
      message: expect.stringContaining('redirect'),
    });
    expect(send.mock.calls.map(([, init]) => init?.redirect)).toEqual(['manual']);
  });
});
