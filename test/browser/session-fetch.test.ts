import { sessionFetch } from 'sluice/fetch';
import type { SessionOptions } from 'sluice/session';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Echo } from '../http/fixture.ts';
import { type SessionSetup, sessionOn } from './app.ts';
import { openServer, useServer, type ServerOfTest } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';

failOnUnhandled();
const use = useServer();
let elsewhere: ServerOfTest;
const base = document.createElement('base');
beforeEach(async () => {
  elsewhere = await openServer();
});
afterEach(async () => {
  base.remove();
  await elsewhere[Symbol.asyncDispose]();
});

const to = (url: string, status = 302): string =>
  `${use.server.url}/api/redirect?${String(new URLSearchParams({ to: url, status: `${status}` }))}`;
const echoOf = async (response: Response): Promise<Echo> => (await response.json()) as Echo;
const rejectionOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'it did not reject',
    (error: unknown) => error,
  );

async function fetchOn(options: Partial<SessionOptions> = {}): Promise<SessionSetup & { api: typeof fetch }> {
  const setup = await sessionOn(use.server, options);
  return { ...setup, api: sessionFetch(setup.session, { trustedOrigins: [use.server.url] }) };
}

const xToken: Partial<SessionOptions> = {
  authorize: ({ accessToken }) => ({ Authorization: `Bearer ${accessToken}`, 'X-Token': accessToken }),
};

it('sessionFetch serves requests of every form by one refresh', async () => {
  const { server } = use;
  const { api, refresh } = await fetchOn();
  await server.expireAccess();
  const url = `${server.url}/api/echo`;
  const form = new FormData();
  form.set('a', 'one');
  const answers = await Promise.all([
    api(url),
    api(new URL(url), { method: 'POST', body: 'text' }),
    api(new Request(url), { priority: 'high', cache: 'no-store' }),
    api(url, { method: 'POST', body: form }),
    api(url, { method: 'POST', body: new Blob(['one']), keepalive: true }),
  ]);
  expect((await Promise.all(answers.map(echoOf))).map(({ generation }) => generation)).toEqual([2, 2, 2, 2, 2]);
  expect(refresh).toHaveBeenCalledTimes(1);
});

it('sessionFetch sends a Request with its own referrer policy', async () => {
  const { server } = use;
  const { api } = await fetchOn();
  await api(new Request(`${server.url}/api/echo`));
  await api(new Request(`${server.url}/api/echo`, { referrerPolicy: 'no-referrer' }));
  expect((await server.sent('/api/echo')).map(({ headers }) => headers.referer)).toEqual([
    expect.stringContaining(location.origin),
    undefined,
  ]);
});

it('sessionFetch fails with BodyUsedError where the body of a Request would have to be sent again', async () => {
  const { server } = use;
  const { api } = await fetchOn();
  await server.expireAccess();
  const request = new Request(`${server.url}/api/echo`, { method: 'POST', body: 'text' });
  const rejection = rejectionOf(api(request));
  expect(request.bodyUsed).toBe(true);
  expect(await rejection).toMatchObject({ code: 'body-used', cause: { status: 401 } });
  expect((await server.sent('/api/echo')).length).toBe(1);
});

it('sessionFetch sends a relative URL with the token if the origin of the document’s base URL is trusted', async () => {
  const { session } = await fetchOn();
  const send = vi.fn<typeof fetch>(() => Promise.resolve(new Response()));
  const api = sessionFetch(session, { trustedOrigins: [location.origin], fetch: send });
  await api('/api/echo');
  expect(send.mock.calls[0]?.[0]).toBe(`${location.origin}/api/echo`);
  expect(new Headers(send.mock.calls[0]?.[1]?.headers).has('authorization')).toBe(true);
  // The base of the document counts, not the address of the page.
  base.href = elsewhere.url;
  document.head.append(base);
  await api('/api/echo');
  expect(send.mock.calls[1]).toEqual(['/api/echo', undefined]);
});

it('sessionFetch follows redirects with a token in Authorization, which does not go to another origin', async () => {
  const { api, refresh } = await fetchOn();
  expect(await echoOf(await api(to('/api/echo')))).toMatchObject({ path: '/api/echo', generation: 1 });
  expect((await api(to(`${elsewhere.url}/api/echo`))).status).toBe(401);
  expect((await elsewhere.sent()).map(({ headers }) => headers.authorization)).toEqual([undefined]);
  expect(refresh).not.toHaveBeenCalled();
});

it('sessionFetch fails when a redirect would carry a token in a header of its own', async () => {
  const { server } = use;
  const { api } = await fetchOn(xToken);
  for (const url of [to(`${elsewhere.url}/public/echo`), to('/api/echo')])
    expect(await rejectionOf(api(url))).toMatchObject({
      name: 'TypeError',
      message: expect.stringContaining('redirect'),
    });
  await server.flush();
  expect([await elsewhere.sent(), await server.sent('/api/echo')]).toEqual([[], []]);
  expect((await server.sent('/api/redirect')).map(({ tokenState }) => tokenState)).toEqual(['valid', 'valid']);
  expect((await api(`${server.url}/api/echo`)).status).toBe(200);
});

it('sessionFetch is aborted while it waits and while its body is read, with the signal’s reason', async () => {
  const { server } = use;
  const { api } = await fetchOn();
  const reading = new AbortController();
  const response = await api(`${server.url}/api/stream?chunks=endless`, { signal: reading.signal });
  const text = rejectionOf(response.text());
  reading.abort();
  expect(await text).toMatchObject({ name: 'AbortError' });
  await server.closed('/api/stream*');

  await server.expireAccess();
  const hold = await server.hold('/api/refresh-token');
  const waiting = new AbortController();
  const rejection = rejectionOf(api(`${server.url}/api/echo`, { signal: waiting.signal }));
  await hold.waiting(1);
  waiting.abort();
  expect(await rejection).toBe(waiting.signal.reason);
  await hold.release();
});
