import axios, { type AxiosAdapter, AxiosHeaders } from 'axios';
import { attachSession, createSession, memoryStore } from 'sluice';
import { NEVER } from 'rxjs';
import { expect, it } from 'vitest';
import { collectGarbage } from '../support/collect-garbage.ts';

it.each([
  ['by its status', undefined],
  ['by a predicate', ({ status }: { status: number }) => status === 401],
])('the body of a 401, recognised %s, can be garbage-collected while its request waits', async (_, isUnauthorized) => {
  const refused: WeakRef<object>[] = [];
  const adapter: AxiosAdapter = async (config) => {
    const data = { large: true };
    refused.push(new WeakRef(data));
    return { data, status: 401, statusText: '', headers: new AxiosHeaders(), config };
  };
  const instance = axios.create({ baseURL: 'https://api.example.com', adapter });
  const session = createSession({
    store: memoryStore({ accessToken: 'a', refreshToken: 'b' }),
    refresh: () => NEVER,
  });
  attachSession(instance, session, { ...(isUnauthorized && { isUnauthorized }) });
  const request = instance.get('/');
  await collectGarbage();
  expect(session.state.status).toBe('refreshing');
  expect(refused.map((body) => body.deref())).toEqual([undefined]);
  session.dispose();
  await expect(request).rejects.toMatchObject({ name: 'SessionChangedError' });
});
