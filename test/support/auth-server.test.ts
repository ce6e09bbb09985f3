import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAuthServer, type AuthServer } from './auth-server.ts';

let server: AuthServer;
beforeEach(async () => {
  server = await startAuthServer();
});
afterEach(() => server.close());

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const get = (path: string, token?: string, init: RequestInit = {}): Promise<Response> =>
  fetch(server.url + path, { ...init, headers: { ...(token === undefined ? {} : bearer(token)), ...(init.headers as object) } });
const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const refresh = (refreshToken: string): Promise<Response> => post('/api/refresh-token', { refreshToken });

interface Answer {
  jwtToken: string;
  refreshToken: string;
  expiresIn?: number;
  error?: string;
}
const json = async (answer: Response | Promise<Response>): Promise<Answer> => (await (await answer).json()) as Answer;

describe('tokens', () => {
  it('lets a signed-in user in, and nobody else', async () => {
    const { jwtToken } = await json(post('/api/login', { user: 'ada' }));
    expect((await get('/api/test-get', jwtToken)).status).toBe(200);
    expect((await get('/api/test-get', 'made-up')).status).toBe(401);
    expect((await get('/api/test-get')).headers.get('www-authenticate')).toBe('Bearer realm="api"');
    expect(server.requests.map(({ tokenState }) => tokenState)).toEqual(['none', 'valid', 'unknown', 'none']);
  });

  it('refuses a wrong password', async () => {
    expect((await post('/api/login', { user: 'ada', password: 'wrong' })).status).toBe(401);
  });

  it('expires all access tokens, or one user’s', async () => {
    const [ada, bob] = [server.login('ada'), server.login('bob')];
    expect(server.expireAccess('ada')).toBe(1);
    const refused = await get('/api/echo', ada.accessToken);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="api", error="invalid_token"');
    expect((await get('/api/echo', bob.accessToken)).status).toBe(200);
    server.expireAccess();
    expect((await get('/api/echo', bob.accessToken)).status).toBe(401);
  });

  it('expires tokens by its clock, and says when', async () => {
    let time = 1_000_000;
    await using timed = await startAuthServer({ accessTtlMs: 500, now: () => time });
    const { accessToken, refreshToken, expiresAt } = timed.login();
    expect(expiresAt).toBe(1_000_500);
    const status = async (): Promise<number> => (await fetch(`${timed.url}/api/echo`, { headers: bearer(accessToken) })).status;
    expect(await status()).toBe(200);
    time = 1_000_500;
    expect(await status()).toBe(401);
    const answer = await json(
      fetch(`${timed.url}/api/refresh-token`, { method: 'POST', body: JSON.stringify({ refreshToken }) }),
    );
    expect(answer.expiresIn).toBe(0.5);
  });

  it('rotates refresh tokens', async () => {
    const first = server.login();
    const second = await json(refresh(first.refreshToken));
    expect(second.refreshToken).not.toBe(first.refreshToken);
    const third = await json(refresh(second.refreshToken));
    expect((await (await get('/api/echo', third.jwtToken)).json()) as object).toMatchObject({ user: 'ada', generation: 3 });
    expect(server.refreshes.map(({ outcome, issued }) => [outcome, issued])).toEqual([
      ['issued', 2],
      ['issued', 3],
    ]);
    expect(server.repeats).toEqual([]);
  });

  it('keeps the refresh token when it does not rotate', async () => {
    server.rotate = false;
    const { refreshToken } = server.login();
    expect(await json(refresh(refreshToken))).toEqual({ jwtToken: expect.any(String) as string });
    expect((await refresh(refreshToken)).status).toBe(200);
    expect(server.reuse).toEqual([]);
    expect(server.repeats).toHaveLength(1);
  });

  it('revokes the whole family when a refresh token is reused', async () => {
    const first = server.login();
    const other = server.login();
    const second = await json(refresh(first.refreshToken));
    const reused = await refresh(first.refreshToken);
    expect(reused.status).toBe(400);
    expect((await json(reused)).error).toBe('invalid_grant');
    expect((await json(refresh(second.refreshToken))).error).toBe('invalid_grant');
    expect(server.reuse.map(({ n }) => n)).toEqual([2]);
    expect(server.refreshes.map(({ outcome }) => outcome)).toEqual(['issued', 'reused', 'refused']);
    expect((await refresh(other.refreshToken)).status).toBe(200);
  });

  it('refuses the refresh of a revoked family while its access token lives on', async () => {
    const { accessToken, refreshToken } = server.login('bob');
    server.revokeFamily('bob');
    expect((await json(refresh(refreshToken))).error).toBe('invalid_grant');
    expect((await get('/api/echo', accessToken)).status).toBe(200);
  });

  it('accepts only the newest access token if told so', async () => {
    server.newestOnly = true;
    const { accessToken, refreshToken } = server.login();
    const { jwtToken } = await json(refresh(refreshToken));
    expect((await get('/api/echo', accessToken)).status).toBe(401);
    expect((await get('/api/echo', jwtToken)).status).toBe(200);
  });

  it('refreshes by an HttpOnly cookie', async () => {
    const signedIn = await post('/api/cookie-login', { user: 'ada' });
    const cookie = signedIn.headers.get('set-cookie') ?? '';
    expect(cookie).toContain('HttpOnly');
    expect(await json(signedIn)).not.toHaveProperty('refreshToken');
    const refreshed = await post('/api/cookie-refresh', {}, { cookie: cookie.split(';', 1)[0] ?? '' });
    expect((await get('/api/echo', (await json(refreshed)).jwtToken)).status).toBe(200);
    expect(refreshed.headers.get('set-cookie')).toMatch(/^refresh=refresh-ada-/);
    expect((await post('/api/cookie-refresh', {})).status).toBe(400);
  });

  it('revokes by request and remembers it', async () => {
    const { accessToken, refreshToken } = server.login();
    await post('/api/revoke', { token: refreshToken });
    expect((await get('/api/echo', accessToken)).status).toBe(401);
    expect(server.revocations).toEqual([refreshToken]);
  });

  it('knows every secret that it gave out', async () => {
    const first = server.login();
    const second = await json(refresh(first.refreshToken));
    expect(server.secrets().sort()).toEqual([first.accessToken, first.refreshToken, second.jwtToken, second.refreshToken].sort());
  });
});

describe('routes', () => {
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('echoes %s', async (method) => {
    const { accessToken } = server.login();
    const body = method === 'GET' ? {} : { body: 'straße' };
    const answer: unknown = await (
      await get('/api/echo?n=1', accessToken, { method, headers: { 'x-mark': 'm' }, ...body })
    ).json();
    const text = method === 'GET' ? '' : 'straße';
    expect(answer).toMatchObject({
      method,
      path: '/api/echo',
      query: { n: '1' },
      user: 'ada',
      generation: 1,
      text,
      length: Buffer.byteLength(text),
    });
    expect(answer).toMatchObject({ sha256: createHash('sha256').update(text).digest('hex'), headers: { 'x-mark': 'm' } });
    expect(JSON.stringify(answer)).not.toContain(accessToken);
    expect(server.requests[0]?.body.toString()).toBe(text);
  });

  it.each([
    ['/public/empty', 204, null, ''],
    ['/public/empty-json', 200, 'application/json', ''],
    ['/public/text', 200, 'text/plain; charset=utf-8', 'plain text'],
    ['/public/null', 200, 'application/json', 'null'],
    ['/public/bad-json', 200, 'application/json', '{"cut": "o'],
    ['/public/status/503?retry-after=1', 503, 'application/json', '{"status":503}'],
    ['/public/slow?ms=1', 200, 'application/json', '{"slow":true}'],
    ['/public/stream?chunks=2&ms=1', 200, 'text/plain', 'chunk 1\nchunk 2\n'],
    ['/elsewhere', 404, 'application/json', '{"message":"not found"}'],
  ])('answers %s', async (path, status, type, text) => {
    const answer = await get(path);
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([status, type, text]);
  });

  it('sends headers that were asked for', async () => {
    expect((await get('/public/status/429?retry-after=7')).headers.get('retry-after')).toBe('7');
    const moved = await get('/public/redirect?status=307&to=/public/text', undefined, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([307, '/public/text']);
  });

  it('challenges as it is told', async () => {
    const stepUp = await get('/public/challenge?error=insufficient_user_authentication&acr_values=mfa');
    expect(stepUp.status).toBe(401);
    expect(stepUp.headers.get('www-authenticate')).toBe(
      'Bearer realm="api", error="insufficient_user_authentication", acr_values="mfa"',
    );
    expect((await get('/public/challenge?raw=Basic&status=403')).headers.get('www-authenticate')).toBe('Basic');
  });

  it('tells of a dead token in a GraphQL body', async () => {
    const { accessToken } = server.login();
    expect(await (await post('/api/graphql', {}, bearer(accessToken))).json()).toEqual({ data: { me: 'ada' } });
    server.expireAccess();
    const dead = await post('/api/graphql', {}, bearer(accessToken));
    expect([dead.status, await dead.text()]).toEqual([200, expect.stringContaining('UNAUTHENTICATED')]);
  });

  it('takes other routes and another refusal', async () => {
    server.route('POST /api/mine', ({ user }) => ({ status: 201, body: `hello ${String(user)}` }));
    server.route('/public/broken', () => {
      throw new Error('a test’s mistake');
    });
    server.unauthorized = () => ({ status: 419 });
    const { accessToken } = server.login();
    expect(await (await post('/api/mine', {}, bearer(accessToken))).text()).toBe('hello ada');
    expect((await post('/api/mine', {})).status).toBe(419);
    expect(await (await get('/public/broken')).text()).toContain('a test’s mistake');
  });

  it('answers preflights of any origin and does not count them', async () => {
    const preflight = await fetch(`${server.url}/api/echo`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.test',
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization');
    const refused = await get('/api/echo', undefined, { headers: { origin: 'https://app.test' } });
    expect(refused.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
    expect([server.preflights, server.requests.length]).toEqual([1, 1]);
  });
});

describe('records', () => {
  it('counts by path and finds by path, query, method, beginning, pattern and function', async () => {
    await Promise.all([get('/public/a?n=1'), get('/public/a?n=2'), post('/public/b', {})]);
    expect(server.counts).toEqual({ '/public/a': 2, '/public/b': 1 });
    const found = ['/public/a', '/public/a?n=2', 'POST /public/b', 'GET /public/*', /n=\d/, (): boolean => true] as const;
    expect(found.map((where) => server.sent(where).length)).toEqual([2, 1, 1, 2, 2, 3]);
    server.forget();
    expect(server.sent()).toEqual([]);
  });

  it('notes what was answered', async () => {
    await get('/public/status/418');
    const [request] = await server.answered('/public/status/418');
    expect(request).toMatchObject({ id: 1, method: 'GET', status: 418, closedEarly: false });
  });

  it('notes that a client left while it waited', async () => {
    const hold = server.hold('/public/echo');
    const leaving = new AbortController();
    const left = get('/public/echo', undefined, { signal: leaving.signal }).catch((error: unknown) => (error as Error).name);
    const stays = get('/public/echo?stays');
    await hold.waiting(2);
    leaving.abort();
    const [closed] = await server.closed('/public/echo');
    expect(await left).toBe('AbortError');
    expect([closed?.url, closed?.closedEarly, closed?.status]).toEqual(['/public/echo', true, undefined]);
    hold.release();
    expect((await stays).status).toBe(200);
    expect(server.sent('/public/echo?stays')[0]?.closedEarly).toBe(false);
  });

  it('notes that a client left within the answer', async () => {
    const leaving = new AbortController();
    const answer = await get('/public/stream?chunks=endless', undefined, { signal: leaving.signal });
    await answer.body?.getReader().read();
    leaving.abort();
    expect(await server.closed('/public/stream')).toHaveLength(1);
  });

  it('notes that a client left within its upload', async () => {
    const leaving = new AbortController();
    const unfinished = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new Uint8Array(100_000));
      },
    });
    const left = get('/public/echo', undefined, {
      method: 'POST',
      body: unfinished,
      duplex: 'half',
      signal: leaving.signal,
    } as RequestInit);
    const failed = expect(left).rejects.toThrow();
    await server.arrived('/public/echo');
    leaving.abort();
    await server.closed('/public/echo');
    await failed;
  });

  it('tells requests with a token that was replaced or dead from others', async () => {
    const { accessToken, refreshToken } = server.login();
    await get('/api/echo', accessToken);
    server.expireAccess();
    await get('/api/echo', accessToken);
    const { jwtToken } = await json(refresh(refreshToken));
    await get('/api/echo?new', jwtToken);
    await get('/api/echo?old', accessToken);
    expect(server.requests.map(({ stale }) => stale)).toEqual([false, true, false, false, true]);
    expect(server.staleSends().map(({ url }) => url)).toEqual(['/api/echo?old']);
    expect(server.staleSends(2)).toEqual([]);
  });

  it('tells how many refreshes of one sign-in were in flight together', async () => {
    const [ada, bob] = [server.login('ada'), server.login('bob')];
    const hold = server.hold('/api/refresh-token');
    const all = [ada, ada, bob].map(({ refreshToken }) => refresh(refreshToken));
    await hold.waiting(3);
    hold.release();
    await Promise.all(all);
    await refresh(bob.refreshToken);
    const inFlight = (user: string): number[] =>
      server.refreshes.filter((record) => record.user === user).map((record) => record.inFlight);
    expect([inFlight('ada'), inFlight('bob')]).toEqual([
      [0, 1],
      [0, 0],
    ]);
  });

  it('gives up waiting after a while and says what it has seen', async () => {
    await using impatient = await startAuthServer({ waitMs: 20 });
    const { accessToken } = impatient.login();
    await fetch(`${impatient.url}/api/echo`, { headers: bearer(accessToken) });
    await expect(impatient.arrived('/api/echo', 2)).rejects.toThrow(
      "waited 20 ms for 2 x /api/echo to arrive; seen: #1 GET /api/echo (ada's token 1) -> 200",
    );
    await expect(impatient.hold('/api/*').arrived).rejects.toThrow('1 x /api/* to be held');
  });
});

describe('time', () => {
  it('holds requests until they are released, and judges them then', async () => {
    const { accessToken } = server.login();
    const hold = server.hold('/api/echo');
    const answer = get('/api/echo', accessToken);
    expect((await hold.arrived).tokenState).toBe('valid');
    expect(hold.held).toBe(1);
    server.expireAccess();
    hold.release();
    expect((await answer).status).toBe(401);
    expect((await get('/api/echo', server.login().accessToken)).status).toBe(200);
  });

  it('holds answers that were judged on arrival', async () => {
    const { accessToken } = server.login();
    const hold = server.hold('/api/echo', { when: 'after' });
    const answer = get('/api/echo', accessToken);
    await hold.arrived;
    server.expireAccess();
    hold.release();
    expect((await answer).status).toBe(200);
  });

  it('lets go one by one', async () => {
    const hold = server.hold('/public/*');
    const order: string[] = [];
    const all = ['a', 'b', 'c'].map(async (name, index) => {
      const answer = get(`/public/${name}`);
      await hold.waiting(index + 1);
      await answer;
      order.push(name);
    });
    await hold.waiting(1);
    await hold.waiting(3);
    hold.next();
    await server.answered('/public/*', 1);
    hold.next(2);
    await Promise.all(all);
    expect(order[0]).toBe(server.sent('/public/*')[0]?.path.slice(-1));
    expect(hold.held).toBe(0);
  });

  it('delays a path, or its n-th hit, until the delay is undone', async () => {
    const undo = server.delay('/public/a', 30, { nth: 2 });
    const spent = async (): Promise<number> => {
      const start = performance.now();
      await get('/public/a');
      return performance.now() - start;
    };
    await spent();
    expect(await spent()).toBeGreaterThan(25);
    undo();
    server.delay('/public/b', 60_000)();
    await get('/public/b');
  });

  it('closes at once, whatever is held, delayed or hanging', async () => {
    const hold = server.hold('/public/held');
    server.delay('/public/late', 60_000);
    server.refreshBehaviour('hang');
    const all = [
      get('/public/held'),
      get('/public/late'),
      get('/public/slow?ms=60000'),
      get('/public/stream?chunks=endless'),
      refresh('x'),
    ];
    const settled = Promise.allSettled(all.map(async (answer) => (await answer).text()));
    await Promise.all([hold.arrived, server.arrived('/public/*', 4), server.arrived('/api/refresh-token')]);
    await server.close();
    expect((await settled).map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
    expect(server.requests.some(({ closedEarly }) => closedEarly)).toBe(false);
    await server.close();
  });

  it('goes offline and comes back', async () => {
    await get('/public/echo');
    server.offline();
    await expect(get('/public/echo')).rejects.toThrow();
    server.offline(false);
    expect((await get('/public/echo')).status).toBe(200);
  });

  it('drops idle connections without harm', async () => {
    await get('/public/echo');
    server.dropIdleConnections();
    expect((await get('/public/echo')).status).toBe(200);
  });
});

describe('refresh behaviours', () => {
  const attempt = async (signal?: AbortSignal): Promise<unknown[]> => {
    const { refreshToken } = server.login();
    const init = { method: 'POST', body: JSON.stringify({ refreshToken }), ...(signal ? { signal } : {}) };
    try {
      const answer = await fetch(`${server.url}/api/refresh-token`, init);
      return [answer.status, answer.headers.get('content-type'), await answer.text()];
    } catch (error) {
      return [(error as Error).name];
    }
  };

  it.each([
    ['503', [503, 'application/json', '{"message":"refresh answered 503"}']],
    ['401', [401, 'application/json', '{"message":"refresh answered 401"}']],
    ['400:invalid_grant', [400, 'application/json', '{"error":"invalid_grant"}']],
    ['400:invalid_client', [400, 'application/json', '{"error":"invalid_client"}']],
    ['html', [200, 'text/html', expect.stringContaining('<!doctype html>')]],
    ['empty', [200, null, '']],
    ['not-json', [200, 'application/json', '{"jwtToken": "cut o']],
    ['no-token', [200, 'application/json', '{"message":"fine"}']],
    ['reset', ['TypeError']],
    ['reset-after-headers', ['TypeError']],
    ['half-body', ['TypeError']],
  ] as const)('%s', async (preset, expected) => {
    server.refreshBehaviour(preset);
    expect(await attempt()).toEqual(expected);
    expect(server.refreshes[0]).toMatchObject({ behaviour: preset, outcome: 'failed', request: { closedEarly: false } });
  });

  it('huge', async () => {
    server.refreshBehaviour('huge');
    expect((await (await refresh('x')).text()).length).toBeGreaterThan(10_000_000);
  });

  it.each(['hang', 'slow-headers'] as const)('%s', async (preset) => {
    server.refreshBehaviour(preset);
    const leaving = new AbortController();
    const answer = attempt(leaving.signal);
    await server.arrived('/api/refresh-token');
    setTimeout(() => {
      leaving.abort();
    }, 30);
    expect(await answer).toEqual(['AbortError']);
    await server.closed('/api/refresh-token');
  });

  it('429:retry-after=1', async () => {
    server.refreshBehaviour('429:retry-after=1');
    const answer = await refresh(server.login().refreshToken);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1']);
  });

  it('same-token', async () => {
    server.refreshBehaviour('same-token');
    const { accessToken, refreshToken } = server.login();
    expect(await json(refresh(refreshToken))).toEqual({ jwtToken: accessToken });
  });

  it('reset-after-rotation', async () => {
    server.nextRefresh('reset-after-rotation');
    const { accessToken, refreshToken } = server.login();
    await expect(refresh(refreshToken)).rejects.toThrow();
    expect(server.refreshes[0]).toMatchObject({ outcome: 'issued', issued: 2, request: { closedEarly: false } });
    await get('/api/echo', accessToken);
    expect(server.staleSends()).toEqual([]); // the client was never sent the newer token
    expect((await json(refresh(refreshToken))).error).toBe('invalid_grant');
    expect(server.reuse).toHaveLength(1);
  });

  it('takes turns, then does as before', async () => {
    server.nextRefresh('503', '400:invalid_client');
    const { refreshToken } = server.login();
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await refresh(refreshToken)).status);
    expect(statuses).toEqual([503, 400, 200]);
  });

  it('asks a function, which may answer by itself', async () => {
    server.refreshBehaviour(({ n, user }) => (n === 1 ? { status: 418, body: { user } } : Promise.resolve('ok')));
    const { refreshToken } = server.login('bob');
    const first = await refresh(refreshToken);
    expect([first.status, await first.text()]).toEqual([418, '{"user":"bob"}']);
    expect((await refresh(refreshToken)).status).toBe(200);
    expect(server.refreshes.map(({ behaviour }) => behaviour)).toEqual(['custom', 'ok']);
  });

  it('names a behaviour that it does not know', async () => {
    server.refreshBehaviour('nonsense' as 'ok');
    expect(await (await refresh('x')).text()).toContain("Unknown refresh behaviour 'nonsense'");
  });
});
