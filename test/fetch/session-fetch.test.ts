import { createSessionPool, memoryStore, type SessionOptions, type TokenSet } from 'sluice/session';
import { sessionFetch } from 'sluice/fetch';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Echo, flush, refreshByFetch } from '../http/fixture.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { fetchOn, rejectionOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

const echoOf = async (response: Response | Promise<Response>): Promise<Echo> => (await (await response).json()) as Echo;
const states = (path = '/api/echo'): string[] => auth.server.sent(path).map(({ tokenState }) => tokenState);

describe('sessionFetch', () => {
  it('sends a request with the token and returns the platform’s own response', async () => {
    const { api } = fetchOn(auth.server);
    const response = await api(`${auth.server.url}/api/echo`, { headers: { 'X-Own': 'yes' } });
    expect(response).toBeInstanceOf(Response);
    expect(response.url).toBe(`${auth.server.url}/api/echo`);
    expect(await echoOf(response)).toMatchObject({ generation: 1, headers: { 'x-own': 'yes' } });
  });

  it('sends requests again with the new token after a 401, and one refresh serves all of them', async () => {
    const { api, events } = fetchOn(auth.server);
    auth.server.expireAccess();
    const hold = auth.server.hold('/api/echo*');
    const answers = [1, 2, 3].map((n) => echoOf(api(`${auth.server.url}/api/echo?n=${n}`)));
    await hold.waiting(3);
    hold.release();
    expect((await Promise.all(answers)).map(({ generation }) => generation)).toEqual([2, 2, 2]);
    expect(auth.server.refreshes).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'request-resent')).toHaveLength(3);
  });

  it('holds a request during a refresh that it needs', async () => {
    const { api } = fetchOn(auth.server);
    auth.server.expireAccess();
    const hold = auth.server.hold('/api/refresh-token');
    const first = api(`${auth.server.url}/api/echo?n=1`);
    await hold.arrived;
    const second = api(`${auth.server.url}/api/echo?n=2`);
    await flush(auth.server);
    expect(auth.server.sent('/api/echo?n=2')).toEqual([]);
    hold.release();
    expect((await Promise.all([first, second])).map(({ status }) => status)).toEqual([200, 200]);
    expect(states('/api/echo?n=2')).toEqual(['valid']);
  });

  it('resends without a refresh when the 401 is for an older token', async () => {
    const { api } = fetchOn(auth.server);
    auth.server.expireAccess();
    const hold = auth.server.hold('/api/echo?late', { when: 'after' });
    const late = api(`${auth.server.url}/api/echo?late`);
    await hold.arrived;
    await api(`${auth.server.url}/api/echo`);
    hold.release();
    expect((await late).status).toBe(200);
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it('delivers the second 401 of a request, with its body', async () => {
    const { api } = fetchOn(auth.server);
    auth.server.route('/public/never', () => ({ status: 401, body: { message: 'never' } }));
    const response = await api(`${auth.server.url}/public/never`);
    expect([response.status, await response.json()]).toEqual([401, { message: 'never' }]);
    expect(auth.server.sent('/public/never')).toHaveLength(2);
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it('refreshes once for a request, even when another refresh would be allowed at once', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions: { minRefreshIntervalMs: 0 } });
    auth.server.route('/public/never', () => ({ status: 401 }));
    expect((await api(`${auth.server.url}/public/never`)).status).toBe(401);
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it('delivers a 401 whose challenge names another cause', async () => {
    const { api, refresh, events } = fetchOn(auth.server);
    const response = await api(`${auth.server.url}/api/challenge?error=insufficient_user_authentication`);
    expect(response.status).toBe(401);
    expect(refresh).not.toHaveBeenCalled();
    expect(events.at(-1)).toEqual({ type: 'challenged', error: 'insufficient_user_authentication' });
  });

  it('rejects with the error of the refresh that a request waits for', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions: { refreshRetries: false } });
    auth.server.expireAccess();
    auth.server.nextRefresh('503');
    expect(await rejectionOf(api(`${auth.server.url}/api/echo`))).toMatchObject({ code: 'refresh-failed' });
  });

  it('frees the connection of the 401 before the refresh has ended', async () => {
    const { api } = fetchOn(auth.server);
    let isEndless = true;
    auth.server.unauthorized = () => ({ status: 401, body: isEndless ? endless() : 'no' });
    auth.server.expireAccess();
    const hold = auth.server.hold('/api/refresh-token');
    const answer = api(`${auth.server.url}/api/echo`);
    await hold.arrived;
    await auth.server.closed('/api/echo');
    isEndless = false;
    hold.release();
    expect((await answer).status).toBe(200);
  });

  it('delivers a body as it arrives, before its end', async () => {
    const { api } = fetchOn(auth.server);
    const response = await api(`${auth.server.url}/api/stream?chunks=endless`);
    const reader = response.body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain('chunk 1');
    await reader.cancel();
    await auth.server.closed('/api/stream*');
  });

  it('refreshes before the first send when the token is past `expiresAt`', async () => {
    const login = auth.server.login();
    const { api } = fetchOn(auth.server, { sessionOptions: { initial: { ...login, expiresAt: Date.now() - 1 } } });
    expect((await echoOf(api(`${auth.server.url}/api/echo`))).generation).toBe(2);
    expect(auth.server.sent('/api/echo')).toHaveLength(1);
  });

  it('waits until the store has been read', async () => {
    const login = auth.server.login();
    const store = { get: () => Promise.resolve<TokenSet>(login), set: () => undefined };
    const { api } = fetchOn(auth.server, { sessionOptions: { store } });
    expect((await echoOf(api(`${auth.server.url}/api/echo`))).generation).toBe(1);
  });
});

describe('isUnauthorized of sessionFetch', () => {
  it('sees the status and the headers', async () => {
    let isDead = true;
    auth.server.route('/public/echo', () => (isDead ? { status: 403, headers: { 'x-why': 'token' } } : {}));
    const { api, refresh } = fetchOn(auth.server, {
      isUnauthorized: ({ status, headers }) => {
        isDead = false;
        return status === 403 && headers.get('x-why') === 'token';
      },
    });
    expect((await api(`${auth.server.url}/public/echo`)).status).toBe(200);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('is treated as false when it throws', async () => {
    const { api, refresh } = fetchOn(auth.server, {
      isUnauthorized: () => {
        throw new Error('mine');
      },
    });
    auth.server.expireAccess();
    expect((await api(`${auth.server.url}/api/echo`)).status).toBe(401);
    expect(refresh).not.toHaveBeenCalled();
  });
});

describe('A pool of sessions with sessionFetch', () => {
  it('keeps a session while a request waits, and no longer, even if nobody reads the body', async () => {
    const pool = createSessionPool({
      create: (): SessionOptions => ({
        refresh: (current) => refreshByFetch(auth.server, current),
        store: memoryStore(auth.server.login()),
      }),
      max: 1,
    });
    const session = pool.of('ada');
    const api = sessionFetch(session, { trustedOrigins: [auth.server.url] });
    const hold = auth.server.hold('/api/stream*');
    const answer = api(`${auth.server.url}/api/stream?chunks=endless`);
    await hold.arrived;
    pool.of('bob');
    expect([session.state.status, pool.size]).toEqual(['signed-in', 2]);
    hold.release();
    const response = await answer;
    pool.of('carl');
    expect(session.state.status).toBe('disposed');
    await response.body?.cancel();
    pool.dispose();
  });

  it('releases a session when its request has failed', async () => {
    const pool = createSessionPool({
      create: (): SessionOptions => ({ refresh: () => [], store: memoryStore({ accessToken: 'access' }) }),
      max: 1,
    });
    const session = pool.of('ada');
    const api = sessionFetch(session, {
      trustedOrigins: [auth.server.url],
      fetch: () => Promise.reject(new TypeError('fetch failed')),
    });
    expect(await rejectionOf(api(`${auth.server.url}/api/echo`))).toMatchObject({ message: 'fetch failed' });
    pool.of('bob');
    expect(session.state.status).toBe('disposed');
    pool.dispose();
  });
});

describe('Errors of sessionFetch', () => {
  it('do not quote a token that no header can hold', async () => {
    const { api } = fetchOn(auth.server, { sessionOptions: { initial: { accessToken: 'secret\nsecret' } } });
    const error = (await rejectionOf(api(`${auth.server.url}/api/echo`))) as Error;
    expect(error).toMatchObject({ code: 'invalid-input' });
    expect(`${error.message}${String(error.stack)}${String(error.cause)}`).not.toContain('secret');
    expect(error.message).toContain('Authorization');
  });

  it('include what `authorize` throws, and nothing is sent', async () => {
    const { api } = fetchOn(auth.server, {
      sessionOptions: {
        authorize: () => {
          throw new Error('mine');
        },
      },
    });
    expect(await rejectionOf(api(`${auth.server.url}/api/echo`))).toMatchObject({ message: 'mine' });
    await flush(auth.server);
    expect(auth.server.sent('/api/echo')).toEqual([]);
  });
});

describe('The global fetch, used by sessionFetch,', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('is looked up for each send, so that a mock that is installed later is used', async () => {
    const { api } = fetchOn(auth.server);
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('mocked')));
    expect(await (await api(`${auth.server.url}/api/echo`)).text()).toBe('mocked');
    expect(auth.server.requests).toEqual([]);
  });
});

async function* endless(): AsyncGenerator<string> {
  for (;;) {
    yield 'no ';
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
