import nodeFetch, { Request as NodeFetchRequest } from 'node-fetch';
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
