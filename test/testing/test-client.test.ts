import { inspect } from 'node:util';
import axios, { AxiosError, AxiosHeaders, type AxiosProgressEvent } from 'axios';
import axiosRetry from 'axios-retry';
import { attachSession, createClient, memoryStore, type TokenSet, withoutSession } from 'sluice';
import { createSession } from 'sluice/session';
import { testClient, type TestClientOptions, testSession } from 'sluice/testing';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { expectNoToken } from '../support/no-token.ts';
import { record } from '../support/recorder.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();
afterEach(() => void vi.useRealTimers());

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => {
      throw new Error(`resolved with ${String(value)}`);
    },
    (error: unknown) => error,
  );
/** The message of what `call` throws. */
const thrown = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
};

describe('a response that the test flushes', () => {
  it('reaches the subscriber as the body that a server sent as JSON', async () => {
    const { api, http } = testClient();
    const response = firstValueFrom(api.post('/users', { name: 'Ada' }, { observe: 'response' }));
    const request = await http.next('POST /users');
    expect(request.body).toEqual({ name: 'Ada' });
    expect(request.url).toBe('https://api.test/users');
    request.flush({ id: 7 }, { status: 201, headers: { 'X-Trace': 'on' } });
    const { data, status, headers } = await response;
    expect([data, status, headers['x-trace'], headers['content-type']]).toEqual([
      { id: 7 },
      201,
      'on',
      'application/json',
    ]);
    http.verify();
  });

  it.for([404, 503])('fails the request as axios does when the status is %i', async (status) => {
    const { api, http } = testClient();
    const failed = errorOf(firstValueFrom(api.get('/users')));
    (await http.next()).flush({ why: 'so' }, { status, headers: { 'retry-after': '3' } });
    const error = await failed;
    expect(error).toBeInstanceOf(AxiosError);
    expect(error).toMatchObject({
      code: status === 404 ? 'ERR_BAD_REQUEST' : 'ERR_BAD_RESPONSE',
      message: `Request failed with status code ${status}`,
      response: { status, data: { why: 'so' } },
    });
  });

  it('succeeds when the `validateStatus` of the request accepts its status', async () => {
    const { api, http } = testClient();
    const body = firstValueFrom(api.get('/users', { validateStatus: () => true }));
    (await http.next()).flush('gone', { status: 410 });
    expect(await body).toBe('gone');
  });

  it.for([
    ['text', '{"a":1}', '{"a":1}'],
    ['json', '{"a":1}', { a: 1 }],
    ['json', null, null],
    ['json', undefined, null],
    ['json', 0, 0],
    ['json', false, false],
    ['json', new TextEncoder().encode('[1]'), [1]],
    ['arraybuffer', 'ä', new Uint8Array([0xc3, 0xa4]).buffer],
    ['arraybuffer', new Uint8Array([1, 2, 3]).subarray(1), new Uint8Array([2, 3]).buffer],
  ] as const)(
    'has for `responseType: %s` and the body %o the value that an adapter would give',
    async ([responseType, body, value]) => {
      const { api, http } = testClient();
      const got = firstValueFrom(api.get('/x', { responseType }));
      (await http.next()).flush(body);
      const found = await got;
      // Compare the bytes, because `toEqual` treats all ArrayBuffers as equal.
      const bytes = (buffer: unknown): unknown =>
        buffer instanceof ArrayBuffer ? [...new Uint8Array(buffer)] : buffer;
      expect(bytes(found)).toEqual(bytes(value));
    },
  );

  it('is a Blob for `responseType: blob`', async () => {
    const { api, http } = testClient();
    const got = firstValueFrom(api.get<Blob>('/x', { responseType: 'blob' }));
    (await http.next()).flush('ä');
    expect(await (await got).text()).toBe('ä');
  });

  it('is no JSON for a client that was told that it is: the client fails as in production', async () => {
    const { api, http } = testClient();
    const failed = errorOf(firstValueFrom(api.get('/x')));
    (await http.next()).flush('<html>', { headers: { 'Content-Type': 'application/json' } });
    expect(await failed).toMatchObject({ code: 'ERR_BAD_RESPONSE' });
  });

  it('has no body for HEAD', async () => {
    const { api, http } = testClient();
    const got = firstValueFrom(api.head('/x'));
    (await http.next('HEAD /x')).flush({ a: 1 });
    expect(await got).toBeNull();
  });

  it('goes through schemas, transforms and defaults', async () => {
    const { api, http } = testClient({ headers: { 'X-App': 'shop' }, transformResponse: (text: string) => `${text}!` });
    const schema = {
      '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value: [value] }) },
    };
    const got = firstValueFrom(api.get('/x', { schema }));
    const request = await http.next();
    expect(request.config.headers.get('X-App')).toBe('shop');
    request.flush('a');
    expect(await got).toEqual(['a!']);
  });
});

describe('a request that fails without a response', () => {
  it('fails with the network error of axios', async () => {
    const { api, http } = testClient();
    const failed = errorOf(firstValueFrom(api.get('/users')));
    (await http.next()).error();
    expect(await failed).toMatchObject({
      name: 'AxiosError',
      code: 'ERR_NETWORK',
      message: 'Network Error',
      config: { url: '/users' },
    });
  });

  it('fails with the code, message and cause that the test gives', async () => {
    const { api, http } = testClient();
    const failed = errorOf(firstValueFrom(api.get('/users')));
    const cause = new Error('reset');
    (await http.next()).error({ code: 'ECONNRESET', message: 'read ECONNRESET', cause });
    expect(await failed).toMatchObject({ code: 'ECONNRESET', message: 'read ECONNRESET', cause });
  });

  it('fails as axios does with an error of the platform', async () => {
    const { api, http } = testClient();
    const failed = errorOf(firstValueFrom(api.get('/users')));
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', errno: -111 });
    (await http.next()).error(cause);
    expect(await failed).toMatchObject({ name: 'AxiosError', code: 'ECONNREFUSED', message: cause.message, cause });
  });

  it('times out by the `timeout` of the client, and counts as cancelled', async () => {
    vi.useFakeTimers();
    const { api, http } = testClient({ timeout: 500 });
    const failed = errorOf(firstValueFrom(api.get('/users')));
    const request = await http.next();
    await vi.advanceTimersByTimeAsync(499);
    expect(request.cancelled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await failed).toMatchObject({ code: 'ETIMEDOUT', message: 'timeout of 500ms exceeded' });
    expect(request.cancelled).toBe(true);
  });

  it('leaves no timer behind when it gets its response in time', async () => {
    vi.useFakeTimers();
    const { api, http } = testClient({ timeout: 500 });
    const got = firstValueFrom(api.get('/users'));
    (await http.next()).flush(1);
    expect(await got).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('cancelling', () => {
  it('marks a request whose subscriber has unsubscribed, and refuses a response to it', async () => {
    const { api, http } = testClient();
    const subscription = api.get('/users').subscribe();
    const request = await http.next('GET /users');
    expect(request.cancelled).toBe(false);
    subscription.unsubscribe();
    expect(request.cancelled).toBe(true);
    for (const call of [() => request.flush([]), () => request.error(), () => request.progress({ loaded: 1 })])
      expect(thrown(call)).toContain('(): GET /users has been cancelled by the client.');
  });

  it('sends nothing when the subscriber unsubscribes in the same tick', async () => {
    const { api, http } = testClient();
    api.get('/users').subscribe().unsubscribe();
    await http.settled();
    http.expectNone('/users');
  });

  it('does not mark a request that had its response before its subscriber unsubscribed', async () => {
    const { api, http } = testClient();
    const seen = record(api.get('/users'));
    const request = await http.next();
    request.flush([]);
    await seen.outcome;
    seen.unsubscribe();
    expect(request.cancelled).toBe(false);
    expect(thrown(() => request.flush([]))).toBe('flush(): GET /users has been answered already.');
  });

  it('by a signal fails the request with the error of the client', async () => {
    const { api, http } = testClient();
    const controller = new AbortController();
    const failed = errorOf(firstValueFrom(api.get('/users', { signal: controller.signal })));
    const request = await http.next();
    controller.abort('reason');
    expect(await failed).toMatchObject({ code: 'ERR_CANCELED', cause: 'reason' });
    expect(request.cancelled).toBe(true);
  });

  it('by a cancel token rejects a request of plain axios that uses `http.adapter`', async () => {
    const { http } = testClient();
    const source = axios.CancelToken.source();
    const failed = errorOf(axios.get('/users', { adapter: http.adapter, cancelToken: source.token }));
    const request = await http.next('/users');
    source.cancel('enough');
    expect(axios.isCancel(await failed)).toBe(true);
    expect(request.cancelled).toBe(true);
  });

  it('by a cancel token after the response changes nothing', async () => {
    const { http } = testClient();
    const source = axios.CancelToken.source();
    const got = axios.get('/users', { adapter: http.adapter, cancelToken: source.token });
    const request = await http.next('/users');
    request.flush(1);
    await got;
    source.cancel('late');
    await http.settled();
    expect(request.cancelled).toBe(false);
  });
});

describe('a request’s match', () => {
  const open = async (options: TestClientOptions = {}): Promise<ReturnType<typeof testClient>['http']> => {
    const { api, http } = testClient({ baseURL: 'https://api.test/v1/', ...options });
    api.get('/users', { params: { page: 2, q: 'a b' } }).subscribe();
    await http.settled();
    return http;
  };

  it.for([
    '/users?page=2&q=a+b',
    '/users?q=a%20b&page=2',
    'users?q=a%20b&page=2',
    'GET /users?page=2&q=a+b',
    'get /users?page=2&q=a+b',
    '/v1/users?page=2&q=a+b',
    'https://api.test/v1/users?page=2&q=a+b',
    { url: '/users?page=2&q=a+b' },
    { method: 'get' },
    { method: 'GET', url: '/v1/users?page=2&q=a+b#top' },
  ])('finds GET https://api.test/v1/users?page=2&q=a+b by %o', async (match) => {
    expect((await open()).match(match)).toHaveLength(1);
  });

  it.for([
    '/users',
    '/users?page=3&q=a+b',
    'POST /users?page=2&q=a+b',
    '/user',
    'https://other.test/v1/users?page=2&q=a+b',
    { method: 'POST' },
  ])('does not find GET https://api.test/v1/users?page=2&q=a+b by %o', async (match) => {
    expect((await open()).match(match)).toEqual([]);
  });

  it.for([
    ['/users', '/users', 1],
    ['/users/', '/users/', 1],
    ['https://api.test/v1/users', '/users', 1],
    ['https://api.test/v10/users', '/0/users', 0],
    ['https://api.test/v10/users', '/v10/users', 1],
    ['https://files.test/users', '/users', 0],
    ['https://files.test/users', 'GET https://files.test/users', 1],
    ['', '', 1],
  ] as const)('of a client below /v1: a request for %s is found by %s %i times', async ([url, match, times]) => {
    const { api, http } = testClient({ baseURL: 'https://api.test/v1' });
    api.get(url).subscribe();
    await http.settled();
    expect(http.match(match)).toHaveLength(times);
  });

  it('may be a function of the request', async () => {
    const http = await open();
    expect(http.match(({ method, url }) => method === 'GET' && url.includes('page=2'))).toHaveLength(1);
  });

  it.for([[null], [1], [{}], [{ method: 1 }], [[]]])('throws for %o, and says what is expected', async ([wrong]) => {
    const http = await open();
    const text = /takes a URL, 'GET \/users', \{ method, url \} or a function of the request; given: /;
    for (const call of [http.match, http.expectOne, http.expectNone, http.next])
      expect(thrown(() => call(wrong as never))).toMatch(text);
  });
});

describe('expectOne, expectNone, match and verify', () => {
  const two = async () => {
    const { api, http } = testClient();
    const seen = [record(api.get('/users')), record(api.get('/orders', { params: { key: 'hidden' } }))];
    await http.settled();
    return { http, seen };
  };

  it('expectOne takes its request, so that verify() names those that are left', async () => {
    const { http } = await two();
    http.expectOne('/users').flush([]);
    expect(thrown(() => http.verify())).toBe('Expected no open requests, found 1: GET /orders?key=….');
    expect(http.match(() => true).map(String)).toEqual(['GET /orders?key=…']);
    http.verify();
  });

  it.each(['GET /items?page=2', '/items?page=2'])(
    'expectOne says that only a value of the query differs, for %s',
    async (match) => {
      const { api, http } = testClient();
      api.get('/items', { params: { page: 1 } }).subscribe();
      await http.settled();
      const differ = 'Only values of the query differ.';
      expect(thrown(() => http.expectOne(match))).toContain(`Received: GET /items?page=…. ${differ}`);
      expect(thrown(() => http.expectOne('/items?size=2'))).not.toContain(differ);
    },
  );

  it('expectOne says what was received, and hides the values of a query', async () => {
    const { http } = await two();
    http.expectOne('/users');
    expect(thrown(() => http.expectOne('GET /items?secret=x'))).toBe(
      "Expected one request for 'GET /items?secret=…', found none. Received: GET /orders?key=…. Taken before: GET /users. " +
        'Requests arrive in later microtasks: `await http.next(…)` waits for one.',
    );
    expect(thrown(() => http.expectOne(() => false, 'the list'))).toContain(
      'Expected one request for the list, found none.',
    );
  });

  it('expectOne refuses two requests, and takes none of them', async () => {
    const { http } = await two();
    expect(thrown(() => http.expectOne({ method: 'GET' }))).toMatch(
      /^Expected one request for 'GET any URL', found 2\./,
    );
    expect(http.match({ method: 'GET' })).toHaveLength(2);
  });

  it('expectNone fails for a request that is open', async () => {
    const { http } = await two();
    http.expectNone('/items');
    expect(thrown(() => http.expectNone('/users'))).toMatch(
      /^Expected no request for '\/users', found 1\. Received: GET \/users/,
    );
  });

  it('verify() ignores cancelled requests if it is told to', async () => {
    const { http, seen } = await two();
    for (const one of seen) one.unsubscribe();
    expect(thrown(() => http.verify())).toBe(
      'Expected no open requests, found 2: GET /users (cancelled), GET /orders?key=… (cancelled).',
    );
    http.verify({ ignoreCancelled: true });
  });

  it('lists twenty requests and counts the others', async () => {
    const { api, http } = testClient();
    for (let n = 1; n <= 22; n += 1) api.get(`/item/${n}`).subscribe();
    await http.settled();
    expect(thrown(() => http.verify())).toMatch(/GET \/item\/20 and 2 more\.$/);
  });
});

describe('requests$', () => {
  it('emits each request when it arrives; a request that a listener answers counts as taken', async () => {
    const { api, http } = testClient();
    const seen: string[] = [];
    http.requests$.subscribe((request) => {
      seen.push(String(request));
      if (request.url.endsWith('/a')) request.flush('by rule');
    });
    const waiting = http.next();
    expect(await firstValueFrom(api.get('/a'))).toBe('by rule');
    api.get('/b').subscribe();
    expect(String(await waiting)).toBe('GET /b');
    expect(seen).toEqual(['GET /a', 'GET /b']);
    http.verify();
  });
});

describe('next()', () => {
  it('resolves at once with a request that has arrived, and each request once', async () => {
    const { api, http } = testClient();
    api.get('/a').subscribe();
    api.get('/b').subscribe();
    await http.settled();
    expect([String(await http.next()), String(await http.next())]).toEqual(['GET /a', 'GET /b']);
  });

  it('gives two waiting calls one request each, in their order', async () => {
    const { api, http } = testClient();
    const both = [http.next('/a'), http.next('/a')] as const;
    const bodies = ['1', '2'].map((n) => firstValueFrom(api.post('/a', n)));
    (await both[1]).flush('second');
    (await both[0]).flush('first');
    expect(await Promise.all(bodies)).toEqual(['first', 'second']);
  });

  it('skips a request that was cancelled before', async () => {
    const { api, http } = testClient();
    const first = api.get('/a').subscribe();
    await http.settled();
    first.unsubscribe();
    api.get('/a').subscribe();
    const request = await http.next('/a');
    expect(request.cancelled).toBe(false);
    expect(thrown(() => http.verify())).toContain('found 1: GET /a (cancelled)');
  });

  it('rejects after its limit with what was received', async () => {
    const { api, http } = testClient({ nextTimeoutMs: 20 });
    api.get('/other').subscribe();
    expect(await errorOf(http.next('GET /users'))).toMatchObject({
      message: "Waited 20 ms for 'GET /users'. Received: GET /other.",
    });
    expect(await errorOf(http.next(() => false))).toMatchObject({
      message: 'Waited 20 ms for a request that the function accepts. Received: GET /other.',
    });
  });

  it('leaves no timer behind that would keep a process alive', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const { api, http } = testClient({ nextTimeoutMs: 60_000 });
    const next = http.next('/a');
    expect(timers()).toBe(before + 1);
    api.get('/a').subscribe();
    await next;
    expect(timers()).toBe(before);
  });

  it('rejects by real time, even under fake timers that do not move', async () => {
    vi.useFakeTimers();
    const { http } = testClient({ nextTimeoutMs: 20 });
    expect(await errorOf(http.next('/users'))).toMatchObject({
      message: "Waited 20 ms for '/users'. Received: nothing.",
    });
  });

  it('does not reject while a test moves a fake clock to the request', async () => {
    vi.useFakeTimers();
    const { api, http } = testClient();
    setTimeout(() => api.get('/late').subscribe(), 60_000);
    const request = http.next('/late');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(String(await request)).toBe('GET /late');
  });

  it('rejects with the error that its function throws, and leaves the request open', async () => {
    const { api, http } = testClient();
    const failure = new Error('broken');
    const failed = errorOf(
      http.next(() => {
        throw failure;
      }),
    );
    const seen = record(api.get('/a'));
    expect(await failed).toBe(failure);
    http.expectOne('/a').flush(1);
    expect(await seen.outcome).toMatchObject({ kind: 'complete', values: [1] });
  });
});

describe('with a session', () => {
  it('counts attempts and sees the token, and the client resends after the refresh', async () => {
    const { session, nextRefresh } = testSession();
    const { api, http } = testClient({ session });
    const seen = record(api.get('/users', { observe: 'events' }));
    const first = await http.next('GET /users');
    expect([first.attempt, first.authorized]).toEqual([1, true]);
    first.flush(null, { status: 401 });
    (await nextRefresh()).succeed();
    const second = await http.next('GET /users');
    expect([second.attempt, second.authorized, second.config.headers.get('Authorization')]).toEqual([
      2,
      true,
      'Bearer access-2',
    ]);
    second.flush(['Ada']);
    await seen.outcome;
    expect(seen.values.map((event) => event.type)).toEqual(['sent', 'sent', 'response']);
    http.verify();
  });

  it('`authorized` is false without a token, and true for a header of the session’s own', async () => {
    const { session } = testSession({ authorize: ({ accessToken }) => ({ 'X-Token': accessToken }) });
    const { api, http } = testClient({ session });
    api.get('/with').subscribe();
    api.get('/without', { session: false }).subscribe();
    expect((await http.next('/with')).authorized).toBe(true);
    expect((await http.next('/without')).authorized).toBe(false);
  });

  it('shows no token in any message, and none when a request is printed', async () => {
    const { session } = testSession();
    const { api, http } = testClient({ session, nextTimeoutMs: 5 });
    api.get('https://user:word@api.test/users', { params: { token: 'access-1' } }).subscribe();
    const texts = [
      thrown(() => http.expectOne('/x?token=access-1')),
      await errorOf(http.next('https://me:access-1@api.test/x')),
      thrown(() => http.verify()),
      thrown(() => http.expectNone(() => true)),
    ].map(String);
    const [request] = http.match(() => true);
    request?.flush(1);
    texts.push(thrown(() => request?.flush(1)));
    expect(String(request)).toBe('GET /users?token=…');
    texts.push(
      inspect(request, { depth: Infinity }),
      JSON.stringify(request),
      thrown(() => expect(request).toEqual(1)),
    );
    for (const text of texts) expect(text).not.toMatch(/access-1|refresh-1|word/);
    expectNoToken(texts, ['access-1', 'refresh-1', 'word']);
  });

  it('serves an axios instance of the app that has its adapter, with or without an attached session', async () => {
    const { session, nextRefresh } = testSession();
    const { http } = testClient();
    const instance = axios.create({ baseURL: 'https://shop.test', adapter: http.adapter });
    attachSession(instance, session);
    const users = instance.get<string>('/users');
    (await http.next('https://shop.test/users')).flush(null, { status: 401 });
    (await nextRefresh()).succeed();
    const resent = await http.next('GET /users');
    expect([resent.attempt, resent.authorized]).toEqual([2, true]);
    resent.flush('mine');
    expect((await users).data).toBe('mine');

    const open = instance.get('/open', withoutSession());
    const alone = await http.next('/open');
    expect([alone.attempt, alone.authorized]).toEqual([1, false]);
    alone.flush(1);
    await open;
  });

  it('counts the tries of axios-retry as attempts', async () => {
    const { session } = testSession();
    const { http } = testClient();
    const instance = axios.create({ baseURL: 'https://shop.test', adapter: http.adapter });
    attachSession(instance, session);
    axiosRetry(instance, { retries: 1 });
    const got = instance.get('/a');
    (await http.next('/a')).flush(null, { status: 503 });
    const second = await http.next('/a');
    expect(second.attempt).toBe(2);
    second.flush(2);
    expect((await got).data).toBe(2);
  });

  it('lets the refresh go through the same client, as production code does', async () => {
    const { http } = testClient();
    const dead: TokenSet = { accessToken: 'dead', refreshToken: 'r' };
    const session = createSession({
      store: memoryStore(dead),
      refresh: (now, { signal }) =>
        api.post<{ accessToken: string }>('/refresh', { token: now?.refreshToken }, { signal }),
    });
    const api = createClient({ baseURL: 'https://api.test', adapter: http.adapter, session });
    const users = firstValueFrom(api.get('/users'));
    (await http.next('/users')).flush(null, { status: 401 });
    const refresh = await http.next('POST /refresh');
    expect([refresh.body, refresh.authorized]).toEqual([{ token: 'r' }, false]);
    refresh.flush({ accessToken: 'alive' });
    (await http.next('/users')).flush([]);
    expect(await users).toEqual([]);
  });
});

describe('progress', () => {
  it('reaches `observe: events` and the callbacks of the request as axios gives it', async () => {
    const { api, http } = testClient();
    const heard: AxiosProgressEvent[] = [];
    const events = lastValueFrom(
      api
        .post('/upload', 'body', { observe: 'events', onUploadProgress: (event) => heard.push(event) })
        .pipe(toArray()),
    );
    const request = await http.next();
    request.progress({ type: 'uploadProgress', loaded: 2, total: 8, rate: 4, estimated: 1.5 });
    request.progress({ type: 'uploadProgress', loaded: 8, total: 8 });
    request.progress({ loaded: 5 });
    request.flush('done');
    expect(await events).toMatchObject([
      { type: 'sent' },
      { type: 'uploadProgress', loaded: 2, total: 8 },
      { type: 'uploadProgress', loaded: 8, total: 8 },
      { type: 'downloadProgress', loaded: 5 },
      { type: 'response' },
    ]);
    expect(heard).toEqual([
      { loaded: 2, total: 8, rate: 4, estimated: 1.5, bytes: 2, progress: 0.25, upload: true, lengthComputable: true },
      { loaded: 8, total: 8, bytes: 6, progress: 1, upload: true, lengthComputable: true },
    ]);
  });
});

describe('what a test gives a request', () => {
  it.for([
    [{ status: '404' }, 'flush(): status takes a whole number from 100 to 599; given: a string.'],
    [{ status: 1000 }, 'flush(): status takes a whole number from 100 to 599; given: 1000.'],
    [{ statusText: 5 }, 'flush(): statusText takes a string; given: 5.'],
    [{ headers: 'a: b' }, 'flush(): headers takes an object of strings; given: a string.'],
    [{ statuses: 200 }, 'flush() knows no statuses. It takes: status, statusText, headers.'],
  ] as const)('flush() refuses %o, and the request stays open', async ([init, message]) => {
    const { api, http } = testClient();
    const got = firstValueFrom(api.get('/x'));
    const request = await http.next();
    expect(thrown(() => request.flush(1, init as never))).toBe(message);
    request.flush(1);
    expect(await got).toBe(1);
  });

  it('error() and progress() refuse what no adapter gives', async () => {
    const { api, http } = testClient();
    api.get('/x').subscribe({ error: () => undefined });
    const request = await http.next();
    expect(thrown(() => request.error({ code: 5 } as never))).toBe('error(): code takes a string; given: 5.');
    expect(thrown(() => request.progress({ loaded: '5' } as never))).toContain(
      'progress(): loaded takes bytes, 0 or more',
    );
    expect(thrown(() => request.progress({} as never))).toBe(
      'progress(): loaded takes bytes, 0 or more; given: undefined.',
    );
    expect(thrown(() => request.progress({ type: 'upload', loaded: 1 } as never))).toContain("'uploadProgress' or");
    expect(thrown(() => request.events([], { status: 0 }))).toContain('events(): status takes');
    expect(thrown(() => request.chunks([], { status: 0 }))).toContain('chunks(): status takes');
  });
});

describe('the options of testClient()', () => {
  it.for(['axios', 'adapter'])('throws for %s, and says what to use instead', (name) => {
    expect(thrown(() => testClient({ [name]: axios.create() }))).toBe(
      `testClient() takes no \`${name}\`: give the \`http.adapter\` that it returns to the instance of the app.`,
    );
  });

  it.for([-1, NaN, '1', null])('throws for nextTimeoutMs: %o', (nextTimeoutMs) => {
    expect(thrown(() => testClient({ nextTimeoutMs: nextTimeoutMs as never }))).toContain(
      'testClient(): nextTimeoutMs takes milliseconds, 0 or more; given:',
    );
  });

  it('throws for what createClient() throws for', () => {
    expect(thrown(() => testClient({ session: {} as never }))).toContain('createSession()');
    expect(thrown(() => testClient({ trustedOrigin: [] } as never))).toContain('knows no trustedOrigin');
  });
});

it('a response has the headers that axios makes of a server’s', async () => {
  const { api, http } = testClient();
  const got = firstValueFrom(api.get('/x', { observe: 'response' }));
  (await http.next()).flush('', { headers: { 'X-A': '1' } });
  const { headers } = await got;
  expect(headers).toBeInstanceOf(AxiosHeaders);
  expect((headers as AxiosHeaders).get('x-a')).toBe('1');
});
