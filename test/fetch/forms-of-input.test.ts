import { Agent, fetch as undiciFetch, Request as UndiciRequest } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Echo } from '../http/fixture.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { fetchOn, rejectionOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

type Call = Parameters<typeof fetch>;
const echoOf = async (response: Response): Promise<Echo> => (await response.json()) as Echo;

afterEach(() => {
  vi.unstubAllGlobals();
});

describe.each<[string, (url: string) => Call]>([
  ['a string', (url) => [url, { method: 'PUT', headers: { 'X-Own': 'yes' }, body: 'text' }]],
  ['a URL', (url) => [new URL(url), { method: 'PUT', headers: [['X-Own', 'yes']], body: 'text' }]],
  [
    'a Request and init',
    (url) => [
      new Request(url, { headers: { a: 'b' } }),
      { method: 'PUT', headers: new Headers({ 'X-Own': 'yes' }), body: 'text' },
    ],
  ],
  [
    'a Request whose body init overrides',
    (url) => [
      new Request(url, { method: 'POST', headers: { 'X-Own': 'yes' }, body: 'other' }),
      { method: 'PUT', body: 'text' },
    ],
  ],
])('A request given as %s', (_, call) => {
  it('is sent as fetch would send it, with the token, and is sent again after a 401', async () => {
    const { api } = fetchOn(auth.server);
    auth.server.expireAccess();
    const echo = await echoOf(await api(...call(`${auth.server.url}/api/echo?q=a%20b#hash`)));
    expect(echo).toMatchObject({ generation: 2, method: 'PUT', text: 'text', query: { q: 'a b' } });
    await fetch(...call(`${auth.server.url}/public/echo?q=a%20b#hash`));
    const [first, second, plain] = auth.server
      .sent(({ path }) => path.endsWith('echo'))
      .map(({ rawHeaders, body }) =>
        [
          ...rawHeaders.flatMap((name, i) =>
            i % 2 === 1 || /^authorization$/i.test(name) ? [] : [`${name.toLowerCase()}: ${rawHeaders[i + 1]}`],
          ),
          body.toString(),
        ].sort(),
      );
    expect(first).toContain('x-own: yes');
    expect(second).toEqual(first);
    expect(plain).toEqual(first);
  });
});

describe('A Request', () => {
  it('is sent again after a 401 when it has no body', async () => {
    const { api } = fetchOn(auth.server);
    auth.server.expireAccess();
    const request = new Request(`${auth.server.url}/api/echo`, { headers: { 'X-Own': 'yes' } });
    expect(await echoOf(await api(request))).toMatchObject({ generation: 2, headers: { 'x-own': 'yes' } });
    expect(request.headers.has('authorization')).toBe(false);
    expect((await api(request)).status).toBe(200);
  });

  it('is consumed by the call, as fetch does', async () => {
    const { api } = fetchOn(auth.server);
    const make = () => new Request(`${auth.server.url}/api/echo`, { method: 'POST', body: 'text' });
    const [ours, platforms] = [make(), make()];
    const answers = [api(ours), fetch(platforms)];
    expect([ours.bodyUsed, platforms.bodyUsed]).toEqual([true, true]);
    await Promise.all(answers);
  });

  it('rejects with a TypeError when its body has been read, as fetch does', async () => {
    const { api } = fetchOn(auth.server);
    const request = new Request(`${auth.server.url}/api/echo`, { method: 'POST', body: 'text' });
    await request.text();
    const [ours, platforms] = await Promise.all([rejectionOf(api(request)), rejectionOf(fetch(request))]);
    expect(ours).toBeInstanceOf(TypeError);
    expect(ours).toEqual(platforms);
    expect(auth.server.requests).toEqual([]);
  });

  it('given as init is read as fetch reads it', async () => {
    const { api } = fetchOn(auth.server);
    const init = new Request(auth.server.url, { method: 'POST', headers: { 'X-Own': 'yes' }, body: 'text' });
    const echo = await echoOf(await api(`${auth.server.url}/api/echo`, init));
    expect(echo).toMatchObject({ method: 'POST', text: 'text', headers: { 'x-own': 'yes' } });
  });

  it('made by undici’s own package is sent by undici’s own fetch', async () => {
    const { api } = fetchOn(auth.server, { fetch: undiciFetch as unknown as typeof fetch });
    auth.server.expireAccess();
    const request = new UndiciRequest(`${auth.server.url}/api/echo`, { headers: { 'X-Own': 'yes' } });
    expect(await echoOf(await api(request as unknown as Request))).toMatchObject({
      generation: 2,
      headers: { 'x-own': 'yes' },
    });
  });

  it('is sent with the referrer and the policy that fetch would use', async () => {
    const send = vi.fn<typeof fetch>(() => Promise.resolve(new Response()));
    const { api } = fetchOn(auth.server, { fetch: send });
    const request = new Request(`${auth.server.url}/api/echo`, { referrer: '', referrerPolicy: 'no-referrer' });
    await api(request);
    const sent = new Request(...(send.mock.calls[0] as Call));
    // Node 24 drops these in every copy of a Request.
    const { referrer, referrerPolicy } = new Request(request);
    expect(sent).toMatchObject({ referrer, referrerPolicy });
  });
});

describe('The options of a request', () => {
  it.each<RequestInit & Record<string, unknown>>([
    { keepalive: true },
    { redirect: 'manual' },
    { redirect: 'error' },
    { credentials: 'include' },
    { cache: 'no-store' },
    { mode: 'same-origin' },
    { priority: 'high' },
    { integrity: 'sha256-x' },
    { duplex: 'half' },
    { next: { revalidate: 60 } },
  ])('reach the given fetch unchanged: %j', async (init) => {
    const send = vi.fn<typeof fetch>(() => Promise.resolve(new Response()));
    const { api } = fetchOn(auth.server, { fetch: send });
    await api(`${auth.server.url}/api/echo`, init);
    expect(send.mock.calls[0]?.[1]).toEqual({ ...init, headers: expect.any(Headers), signal: expect.any(AbortSignal) });
    expect(init).not.toHaveProperty('headers');
  });

  it('include undici’s dispatcher, in init and in a Request', async () => {
    const paths: string[] = [];
    const dispatcher = new Agent().compose((dispatch) => (options, handler) => {
      paths.push(options.path);
      return dispatch(options, handler);
    });
    const { api } = fetchOn(auth.server, { fetch: undiciFetch as unknown as typeof fetch });
    auth.server.expireAccess();
    const init = { dispatcher } as RequestInit;
    await api(`${auth.server.url}/api/echo?n=1`, init);
    await api(new UndiciRequest(`${auth.server.url}/api/echo?n=2`, { dispatcher }) as unknown as Request);
    expect(paths).toEqual(['/api/echo?n=1', '/api/echo?n=1', '/api/echo?n=2']);
    await dispatcher.close();
  });

  it('may be null as a whole', async () => {
    const { api } = fetchOn(auth.server);
    expect((await api(`${auth.server.url}/api/echo`, null as never)).status).toBe(200);
  });

  it('are copied at the call, so that later changes to a URL, headers and init have no effect', async () => {
    const { api } = fetchOn(auth.server);
    auth.server.expireAccess();
    const hold = auth.server.hold('/api/refresh-token');
    const waiting = api(`${auth.server.url}/api/test-get`);
    await hold.arrived;
    const url = new URL(`${auth.server.url}/api/echo?n=1`);
    const headers = new Headers({ 'X-Own': '1' });
    const init: RequestInit = { method: 'POST', headers, body: 'one' };
    const answer = api(url, init);
    url.search = '?n=2';
    headers.set('X-Own', '2');
    Object.assign(init, { method: 'PUT', body: 'two' });
    hold.release();
    expect(await echoOf(await answer)).toMatchObject({
      method: 'POST',
      text: 'one',
      query: { n: '1' },
      headers: { 'x-own': '1' },
    });
    await waiting;
  });
});

describe('A URL that is relative or invalid', () => {
  it('rejects with fetch’s TypeError when there is no page', async () => {
    const { api } = fetchOn(auth.server);
    const [ours, platforms] = await Promise.all([rejectionOf(api('/api/echo')), rejectionOf(fetch('/api/echo'))]);
    expect(ours).toBeInstanceOf(TypeError);
    expect(ours).toEqual(platforms);
  });

  it.each(['http://', 'no url', 'http://user:password@127.0.0.1/'])(
    'is refused as fetch refuses it: %j',
    async (url) => {
      const { api } = fetchOn(auth.server);
      expect(await rejectionOf(api(url))).toEqual(await rejectionOf(fetch(url)));
    },
  );

  it('is trusted by the origin that the platform resolves it to', async () => {
    const { server } = auth;
    const PlatformRequest = Request;
    // As on a page at this address.
    vi.stubGlobal(
      'Request',
      class extends PlatformRequest {
        constructor(input: RequestInfo | URL, init?: RequestInit) {
          super(typeof input === 'string' ? new URL(input, `${server.url}/app/`) : input, init);
        }
      },
    );
    const { api } = fetchOn(server);
    expect((await api('../api/echo')).status).toBe(200);
    expect(server.requests.map(({ tokenState }) => tokenState)).toEqual(['valid']);
  });
});
