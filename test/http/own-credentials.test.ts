import axios from 'axios';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { pause } from '../support/real-time.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { attachedOn } from './attached.ts';
import { adapters, appOn, errorOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
const headers = { Authorization: 'Bearer mine' };

describe.each(adapters)('a request with credentials of its own, with the %s adapter,', (adapter) => {
  it('keeps them while the session is restored', async () => {
    const tokens = auth.server.login();
    const store = { get: () => pause(20).then(() => tokens), set: () => undefined };
    const { api } = appOn(auth.server, { adapter, sessionOptions: { store } });
    await firstValueFrom(api.get('/public/echo', { headers }));
    expect(auth.server.requests[0]?.headers.authorization).toBe('Bearer mine');
  });

  it('keeps them while nobody is signed in, and its 401 restores no cookie session', async () => {
    const tokens = auth.server.login();
    const { api, refresh } = appOn(auth.server, {
      adapter,
      sessionOptions: { initial: null, canRefresh: () => true, refresh: async () => tokens },
    });
    expect(await errorOf(api.get('/api/echo', { headers }))).toMatchObject({ status: 401 });
    expect(refresh).not.toHaveBeenCalled();
    expect(auth.server.requests.map((request) => request.headers.authorization)).toEqual(['Bearer mine']);
  });
});

describe('where the token goes into a header of another name', () => {
  const authorize = ({ accessToken }: { accessToken: string }): Record<string, string> => ({ 'X-Token': accessToken });
  const seen = (name: string): unknown[] => auth.server.requests.map((request) => request.headers[name]);

  it('a request that brings that header keeps its own', async () => {
    const { api } = appOn(auth.server, { sessionOptions: { authorize } });
    await firstValueFrom(api.get('/public/echo', { headers: { 'x-token': 'mine' } }));
    expect(seen('x-token')).toEqual(['mine']);
  });

  it('an Authorization of its own is no credential, also while the session is restored', async () => {
    const tokens = auth.server.login();
    const store = { get: () => pause(20).then(() => tokens), set: () => undefined };
    const { api } = appOn(auth.server, { sessionOptions: { authorize, store } });
    await firstValueFrom(api.get('/public/echo', { headers: { Authorization: 'Basic x' } }));
    expect([seen('authorization'), seen('x-token')]).toEqual([['Basic x'], [tokens.accessToken]]);
  });
});

it('credentials in the URL are credentials of its own: their 401 starts no refresh', async () => {
  const { api, refresh } = appOn(auth.server);
  expect(await errorOf(api.get(`${auth.server.url.replace('//', '//ada:x@')}/api/echo`))).toMatchObject({
    status: 401,
  });
  expect(auth.server.requests[0]?.headers.authorization).toMatch(/^Basic /);
  expect(refresh).not.toHaveBeenCalled();
});

it('a cancel token that many requests share is listened to no more once they have ended', async () => {
  const { instance } = attachedOn(auth.server);
  const { token } = axios.CancelToken.source();
  for (let n = 0; n < 3; n += 1) await instance.get('/api/echo', { cancelToken: token });
  expect((token as unknown as { _listeners: unknown[] | null })._listeners ?? []).toEqual([]);
});
