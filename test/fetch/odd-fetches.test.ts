import nodeFetch, { Request as NodeFetchRequest } from 'node-fetch';
import { Readable } from 'node:stream';
import { fetch as undiciFetch } from 'undici';
import { expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { fetchOn, rejectionOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

it('A 401 of node-fetch, whose bodies are streams of Node, leads to a refresh and a resend', async () => {
  const { api, refresh } = fetchOn(auth.server, { fetch: nodeFetch as unknown as typeof fetch });
  auth.server.expireAccess();
  const response = await api(`${auth.server.url}/api/echo`);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ generation: 2 });
  expect(refresh).toHaveBeenCalledTimes(1);
});

it('An `authorize` that aborts the request and rejects later leaves no unhandled rejection', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const authorize = async (): Promise<never> => {
    controller.abort(reason);
    await Promise.resolve();
    throw new Error('no key');
  };
  const { api } = fetchOn(auth.server, { sessionOptions: { authorize } });
  expect(await rejectionOf(api(`${auth.server.url}/api/echo`, { signal: controller.signal }))).toBe(reason);
});

it('A Request of node-fetch, whose body is a stream of Node, fails with the error of the refresh that it waits for', async () => {
  const { api } = fetchOn(auth.server, {
    fetch: nodeFetch as unknown as typeof fetch,
    sessionOptions: { refreshRetries: false },
  });
  auth.server.expireAccess();
  auth.server.nextRefresh('503');
  const request = new NodeFetchRequest(`${auth.server.url}/api/echo`, { method: 'POST', body: 'text' });
  expect(await rejectionOf(api(request as unknown as Request))).toMatchObject({ code: 'refresh-failed' });
});

it.each([
  ['node-fetch', nodeFetch, () => Readable.from([Buffer.from('whole')])],
  ['the package undici', undiciFetch, () => Readable.from([Buffer.from('whole')])],
  ['the package undici', undiciFetch, () => new Blob(['whole']).stream()],
])('The `fetch` of %s, which does not know the platform’s Request, sends a stream whole', async (_, fetch, make) => {
  const { api } = fetchOn(auth.server, { fetch: fetch as unknown as typeof globalThis.fetch });
  const send = async (): Promise<Response> =>
    api(`${auth.server.url}/api/echo`, { method: 'POST', body: make(), duplex: 'half' } as unknown as RequestInit);
  expect(await (await send()).json()).toMatchObject({ text: 'whole' });
  auth.server.expireAccess();
  expect(await rejectionOf(send())).toMatchObject({ code: 'body-used', cause: { status: 401 } });
  expect(await (await send()).json()).toMatchObject({ text: 'whole', generation: 2 });
});
