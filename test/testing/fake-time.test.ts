import { createClient, createSession, memoryStore, type TokenSet } from 'sluice';
import { eventStream } from 'sluice/streams';
import { type FakeTime, fakeTime, testClient, type TestClientOptions } from 'sluice/testing';
import { concatMap, defer, map, merge, NEVER, type Observable, of, timer } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const setUp = (options?: TestClientOptions) => {
  const { api, http } = testClient(options);
  return { api, http, time: fakeTime(vi, http) };
};
const messageOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (error as Error).message,
  );
const sent = (time: FakeTime): string[] =>
  time.sends.map(
    ({ frame, request, attempt, authorized, abortedIn = '-' }) =>
      `${frame} ${request} ${attempt} ${authorized ? 'token' : 'open'} ${abortedIn}`,
  );

describe('expect().toBe()', () => {
  it.for([
    ['--a-b|', '--a-b|'],
    ['(ab|)', '(ab|)'],
    ['|', '|'],
    ['-', '-'],
    ['---#', '---#'],
    ['-a 998ms b|', '-a 998ms b|'],
    [' 2s (a|)', '- 1999ms (a|)'],
    ['-(ab)-c|', '-(ab)-c|'],
  ] as const)('is met by the cold Observable %s for %s', async ([source, wanted]) => {
    const time = fakeTime(vi);
    await time.expect(time.cold(source)).toBe(wanted);
  });

  it.for([
    ['--a|', '-a|'],
    ['--a|', '--b|'],
    ['--a|', '--a'],
    ['--a', '--a|'],
    ['--a|', '--a-|'],
    ['--a|', '--'],
    ['--#', '--|'],
    ['a-b|', '(ab)|'],
    ['-', '-a'],
    ['-------------------------a', '--'],
  ] as const)('is not met by the cold Observable %s for %s', async ([source, wanted]) => {
    const time = fakeTime(vi);
    expect(await messageOf(time.expect(time.cold(source)).toBe(wanted))).toContain(`expected: ${wanted}`);
  });

  it('subscribes and unsubscribes where the second diagram says, and nothing comes in the frame of unsubscribing', async () => {
    const time = fakeTime(vi);
    const source$ = time.cold('-a-a-a-a|');
    await Promise.all([
      time.expect(source$, '--^----!').toBe('---a-a---'),
      time.expect(source$, '^!').toBe('--'),
      time.expect(source$, '^ 2ms !').toBe('-a'),
      time.expect(source$, '- 3ms ^').toBe('-----a-a-a-a|'),
    ]);
  });

  it.each([
    ['an ArrayBuffer', (n: number) => Uint8Array.of(n).buffer],
    ['a DataView', (n: number) => new DataView(Uint8Array.of(n).buffer)],
    ['a URL', (n: number) => new URL(`https://api.test/${n}`)],
    ['a RegExp', (n: number) => new RegExp(String(n))],
    ['URLSearchParams', (n: number) => new URLSearchParams({ n: String(n) })],
    ['Headers', (n: number) => new Headers({ n: String(n) })],
    ['a Set', (n: number) => new Set([n])],
    ['an empty object', (n: number) => (n === 1 ? {} : new Date())],
  ])('compares the content of %s, which has no keys', async (_, make) => {
    const time = fakeTime(vi);
    await time.expect(time.cold('a', { a: make(1) })).toBe('a', { a: make(1) });
    await expect(time.expect(time.cold('a', { a: make(2) })).toBe('a', { a: make(1) })).rejects.toThrow('differ');
  });

  it('takes two Blobs for different, whose content cannot be read at once', async () => {
    const time = fakeTime(vi);
    const a = new Blob(['a']);
    await time.expect(time.cold('a', { a })).toBe('a', { a });
    await time.expect(time.cold('a', { a })).toBe('a', { a: expect.any(Blob) });
    await expect(time.expect(time.cold('a', { a })).toBe('a', { a: new Blob(['b']) })).rejects.toThrow('differ');
  });

  it('compares values by content, and by the matchers of the runner', async () => {
    const time = fakeTime(vi);
    const values = { a: { id: 1, tags: ['x'], at: new Date(5), none: undefined }, b: new Map([['k', [1]]]) };
    const source$ = time.cold<unknown>('-a-b|', values);
    await time.expect(source$).toBe('-a-b|', { a: { id: 1, tags: ['x'], at: new Date(5) }, b: new Map([['k', [1]]]) });
    await time.expect(source$).toBe('-a-b|', { a: expect.objectContaining({ id: 1 }), b: expect.any(Map) });
    for (const a of [
      { ...values.a, id: 2 },
      { ...values.a, id: '1' },
      { ...values.a, tags: [] },
      { ...values.a, at: new Date(6) },
      { ...values.a, more: 1 },
      null,
      [1],
    ])
      expect(await messageOf(time.expect(source$).toBe('-a-b|', { ...values, a }))).toContain('The marbles differ.');
    expect(await messageOf(time.expect(source$).toBe('-a-b|', { ...values, b: new Map([['k', [2]]]) }))).toContain(
      'differ',
    );
  });

  it('compares values with a cycle', async () => {
    const time = fakeTime(vi);
    const round = (name: string): object => {
      const value: Record<string, unknown> = { name };
      value['self'] = value;
      return value;
    };
    await time.expect(of(round('a'))).toBe('(a|)', { a: round('a') });
    expect(await messageOf(time.expect(of(round('a'))).toBe('(a|)', { a: round('b') }))).toContain(
      'z = [object Object]',
    );
  });

  it('accepts any error for #, or only one that has at least the given properties', async () => {
    const time = fakeTime(vi);
    const failure = Object.assign(new TypeError('broken'), { code: 'E1', at: { line: 3, column: 4 } });
    const failing$ = time.cold('-#', {}, failure);
    await time.expect(failing$).toBe('-#');
    await time.expect(failing$).toBe('-#', {}, { code: 'E1', at: { line: 3 } });
    await time.expect(failing$).toBe('-#', {}, new TypeError('broken'));
    await time.expect(failing$).toBe('-#', {}, expect.any(TypeError));
    for (const other of [{ code: 'E2' }, { name: 'Error' }, new TypeError('whole'), 'broken', { at: { line: 4 } }])
      expect(await messageOf(time.expect(failing$).toBe('-#', {}, other))).toContain(
        'actual # = TypeError: broken (E1)',
      );
  });

  it('runs the expectations of one turn of the event loop together, and later ones again from frame 0', async () => {
    const time = fakeTime(vi);
    const start = Date.now();
    await Promise.all([
      time.expect(timer(5)).toBe('-----(a|)', { a: 0 }),
      time.expect(timer(3)).toBe('---(a|)', { a: 0 }),
    ]);
    expect(Date.now() - start).toBe(9);
    const early = time.expect(timer(2)).toBe('--(a|)', { a: 0 });
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.all([early, time.expect(timer(1)).toBe('-(a|)', { a: 0 })]);
  });

  it('watches an Observable that is still open for another second of the clock, so that a late end is seen', async () => {
    const time = fakeTime(vi);
    expect(await messageOf(time.expect(timer(900)).toBe('--'))).toContain('actual:   900ms (z|)');
    await time.expect(timer(2_000)).toBe('--');
    await time.expect(NEVER).toBe('--');
  });

  it('leaves no timer behind', async () => {
    const time = fakeTime(vi);
    await time.expect(timer(9_000), '^-------!').toBe('---');
    await time.expect(merge(timer(1), timer(9_000))).toBe('-a', { a: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the message of a failed expectation', () => {
  it('draws both diagrams with their values, errors and sends', async () => {
    const { api, time } = setUp();
    time.when('GET /users', '---a', { a: { body: [{ name: 'Bob' }] } });
    const failed = time.expect(api.get('/users', { params: { q: 'x' } })).toBe('--(u|)', { u: [{ name: 'Ada' }] });
    expect(await messageOf(failed)).toBe(
      [
        'The marbles differ.',
        '  expected: --(u|)',
        '  actual:   (nothing)',
        '  u = [{"name":"Ada"}]',
        '  sent: GET /users?q=… in frame 0',
      ].join('\n'),
    );
    time.when(() => true, '---a', { a: { body: [{ name: 'Bob' }] } });
    expect(await messageOf(time.expect(api.get('/users')).toBe('--(u|)', { u: [{ name: 'Ada' }] }))).toBe(
      [
        'The marbles differ.',
        '  expected: --(u|)',
        '  actual:   ---(z|)',
        '  u = [{"name":"Ada"}]',
        '  z = [{"name":"Bob"}]',
        '  sent: GET /users in frame 0',
      ].join('\n'),
    );
  });

  it('shows what is in a Map and in a Set, without what is named like a secret', async () => {
    const { time } = setUp();
    const values = { a: new Map([['token', 'secret-1']]), b: { ids: new Set([1, 2]) } };
    const message = await messageOf(time.expect(of(new Map([['n', 1]]))).toBe('(ab)', values));
    expect(message).toContain('  a = {"token":"…"}\n  b = {"ids":[1,2]}\n  z = {"n":1}');
  });

  it('names the error, and hides properties whose names suggest a secret', async () => {
    const { api, time } = setUp();
    time.when('/me', '-a', { a: { status: 404 } });
    expect(await messageOf(time.expect(api.get('/me')).toBe('-#', {}, { code: 'E1' }))).toBe(
      [
        'The marbles differ.',
        '  expected: -#',
        '  actual:   -#',
        '  expected # = {"code":"E1"}',
        '  actual # = AxiosError: Request failed with status code 404 (ERR_BAD_REQUEST)',
        '  sent: GET /me in frame 0',
      ].join('\n'),
    );
    const tokens: TokenSet = { accessToken: 'access-1', refreshToken: 'refresh-1' };
    const message = await messageOf(time.expect(of(tokens)).toBe('(a|)', { a: { accessToken: 'access-2' } }));
    expect(message).toContain('z = {"accessToken":"…","refreshToken":"…"}');
    expect(message).not.toMatch(/access-|refresh-/);
  });

  it('shows of a response neither its config nor its request', async () => {
    const { api, time } = setUp();
    time.when('/login', '-a', { a: { body: { ok: true } } });
    const login$ = api.post('/login', { password: 'word' }, { observe: 'response' });
    const message = await messageOf(time.expect(login$).toBe('-'));
    expect(message).toContain('z = {"data":{"ok":true},"status":200');
    expect(message).not.toMatch(/word|config/);
  });

  it('lists events that no diagram can express', async () => {
    const time = fakeTime(vi);
    const message = await messageOf(time.expect(merge(of('a', 'b'), time.cold('--c|'))).toBe('-'));
    expect(message).toContain('actual:   ab in frame 0, c in frame 2, | in frame 3');
  });

  it('cuts long values, and shows a value that is no JSON by its kind', async () => {
    const time = fakeTime(vi);
    const message = await messageOf(time.expect(of('x'.repeat(500), 1n, Symbol('s'), undefined)).toBe('-'));
    expect(message).toContain(`z = "${'x'.repeat(119)}…\n`);
    expect(message).toContain('y = [object BigInt]\n  x = Symbol(s)\n  w = undefined');
  });
});

describe('a client under fakeTime()', () => {
  it('gets a response in the frame that the marbles of the server say', async () => {
    const { api, time } = setUp();
    time.when('GET /users', '--a', { a: { body: ['Ada'] } });
    await time.expect(api.get('/users')).toBe('--(u|)', { u: ['Ada'] });
    expect(sent(time)).toEqual(['0 GET /users 1 open -']);
  });

  it('gets a response without a delay in the frame in which it sends', async () => {
    const { api, time } = setUp();
    time.when('/users', 'a', { a: { body: 1 } });
    await time.expect(timer(3).pipe(concatMap(() => api.get('/users')))).toBe('---(a|)', { a: 1 });
  });

  it('aborts a request whose subscriber leaves, in that frame', async () => {
    const { api, time } = setUp();
    time.when('GET /users', '----a', { a: { body: [] } });
    await time.expect(api.get('/users'), '^--!').toBe('---');
    expect(sent(time)).toEqual(['0 GET /users 1 open 3']);
  });

  it('fails with the status or the network error that the marbles say', async () => {
    const { api, time } = setUp();
    time.when('/gone', '-a', { a: { status: 410, body: { why: 'old' } } });
    time.when('/away', '--#');
    time.when('/reset', '--#', {}, { code: 'ECONNRESET', message: 'reset' });
    await Promise.all([
      time.expect(api.get('/gone')).toBe('-#', {}, { response: { status: 410, data: { why: 'old' } } }),
      time.expect(api.get('/away')).toBe('--#', {}, { code: 'ERR_NETWORK' }),
      time.expect(api.get('/reset')).toBe('--#', {}, { code: 'ECONNRESET', message: 'reset' }),
    ]);
  });

  it('times out in the frame of its timeout', async () => {
    const { api, time } = setUp({ timeout: 30 });
    time.when('/slow', ' 40ms a', { a: {} });
    await time.expect(api.get('/slow')).toBe('30ms #', {}, { code: 'ETIMEDOUT' });
  });

  it('takes no frame for interceptors, however many', async () => {
    const { http, time } = setUp();
    const { default: axios } = await import('axios');
    const instance = axios.create({ baseURL: 'https://api.test', adapter: http.adapter });
    for (let n = 0; n < 20; n += 1) {
      instance.interceptors.request.use(async (config) => config);
      instance.interceptors.response.use(async (response) => response);
    }
    time.when('/users', '-a', { a: { body: 1 } });
    await time.expect(createClient({ axios: instance }).get('/users')).toBe('-(a|)', { a: 1 });
  });

  it('follows the last rule that matches, also if its marbles are returned by a function', async () => {
    const { api, time } = setUp();
    time.when('/users', '--a', { a: { body: 'former' } });
    time.when('/users', ({ url }) => (url.endsWith('s') ? '-a' : '---a'), { a: { body: 'by function' } });
    await time.expect(api.get('/users')).toBe('-(a|)', { a: 'by function' });
  });

  it('streams events and chunks, ends and breaks where the marbles say', async () => {
    const { api, time } = setUp();
    const values = { a: { events: [{ data: '1' }] }, b: { events: [{ data: '2', retry: 5 }] } };
    time.when('/prices', '-a-b|', values);
    const data = (stream$: Observable<{ readonly data: string }>): Observable<string> =>
      stream$.pipe(map((event) => event.data));
    await time.expect(data(eventStream(api, '/prices')), '^ 12ms !').toBe('-1-2 6ms 1-2');
    expect(sent(time)).toEqual(['0 GET /prices 1 open -', '9 GET /prices 1 open 13']);
    time.when('/broken', '-a-#', { a: { chunks: ['data: 1\n\n'], headers: { 'content-type': 'text/event-stream' } } });
    await time
      .expect(data(eventStream(api, '/broken', { reconnect: false })))
      .toBe('-1-#', undefined, { code: 'ERR_NETWORK' });
  });

  it('reads a long stream in the frames of its chunks, although the reader pauses in real time', async () => {
    const { api, http } = testClient();
    // This clock lets promises settle and runs no other task, so fakeTime() itself must wait for the tasks of the reader.
    const tickAsync = async (ms: number): Promise<void> => {
      for (let passed = 0; passed <= ms; passed += 1) {
        vi.advanceTimersByTime(passed === 0 ? 0 : 1);
        for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
      }
    };
    for (const clock of [vi, { tickAsync }]) {
      const time = fakeTime(clock, http);
      time.when('/prices', '-a 50ms a 20ms a 9ms |', { a: { events: [{ data: '1' }, { data: '2' }] } });
      const data = eventStream(api, '/prices', { reconnect: false }).pipe(map((event) => event.data));
      await time.expect(data).toBe('-(12) 47ms (12) 17ms (12) 6ms |');
    }
  });

  it('reports a rule that responds twice to one request', async () => {
    const { api, time } = setUp();
    time.when('/users', '-a-b', { a: {}, b: {} });
    expect(await messageOf(time.expect(merge(api.get('/users'), NEVER)).toBe('-a--', { a: null }))).toBe(
      'flush(): GET /users has been answered already.',
    );
    time.when('/users', () => '-?', {});
    expect(await messageOf(time.expect(api.get('/users')).toBe('-'))).toContain("the letter ? of '-?' needs an answer");
  });

  it('leaves requests without a rule to the test', async () => {
    const { api, http, time } = setUp();
    time.when('/other', '-a', { a: {} });
    const done = time.expect(api.get('/users')).toBe('(a|)', { a: 1 });
    (await http.next('/users')).flush(1);
    await done;
    http.verify();
  });
});

describe('a client with a session', () => {
  const values = { n: { status: 401 }, a: { body: 'A' }, r: { body: { accessToken: 'new', refreshToken: 'r2' } } };
  const old: TokenSet = { accessToken: 'old', refreshToken: 'r1' };
  const withSession = () => {
    const { http } = testClient();
    const session = createSession({
      store: memoryStore(old),
      refresh: (now, { signal }) => api.post<TokenSet>('/refresh', { token: now?.refreshToken }, { signal }),
    });
    const api = createClient({ baseURL: 'https://api.test', adapter: http.adapter, session });
    return { api, session, http, time: fakeTime(vi, http) };
  };

  it('refreshes, holds, cancels and resends requests in the frames of the marbles', async () => {
    const { api, time } = withSession();
    time.when('POST /refresh', '---r', values);
    time.when('/a', ['--n', '---a'], values);
    time.when('/b', ['----n', '-a'], values);
    time.when('/left', ['--n', '-a'], values);
    time.when('/held', '-a', values);
    time.when('/open', '--a', values);
    await Promise.all([
      // Refused in frame 2; the refresh takes 3 frames and the resend 3.
      time.expect(api.get('/a')).toBe('--------(a|)', { a: 'A' }),
      // Refused in frame 4, while the refresh runs.
      time.expect(api.get('/b')).toBe('------(a|)', { a: 'A' }),
      // Leaves during the refresh, which goes on.
      time.expect(api.get('/left'), '^--!').toBe('-'),
      // Comes during the refresh, and is sent when it ends.
      time
        .expect(
          defer(() => api.get('/held')),
          '---^',
        )
        .toBe('------(a|)', { a: 'A' }),
      // This request has no part in the session, so it does not wait.
      time.expect(api.get('/open', { session: false })).toBe('--(a|)', { a: 'A' }),
    ]);
    expect(sent(time)).toEqual([
      '0 GET /a 1 token -',
      '0 GET /b 1 token -',
      '0 GET /left 1 token -',
      '0 GET /open 1 open -',
      '2 POST /refresh 1 open -',
      '5 GET /a 2 token -',
      '5 GET /held 1 token -',
      '5 GET /b 2 token -',
    ]);
  });

  it('fails in the frame in which the refresh is refused', async () => {
    const { api, session, time } = withSession();
    time.when('POST /refresh', '--x', { x: { status: 400, body: { error: 'invalid_grant' } } });
    time.when('/a', '-n', values);
    await time.expect(api.get('/a')).toBe('---#', {}, { name: 'SessionExpiredError' });
    expect(session.state.reason).toBe('expired');
  });

  it('fails in the frame in which the owner signs out', async () => {
    const { api, session, time } = withSession();
    time.when('POST /refresh', '-----r', values);
    time.when('/a', '-n', values);
    time.cold('---(s|)').subscribe({ complete: () => void session.signOut() });
    await time.expect(api.get('/a')).toBe('---#', {}, { name: 'SessionChangedError' });
    expect(sent(time)).toEqual(['0 GET /a 1 token -', '1 POST /refresh 1 open 3']);
  });

  it('gives the same frames each time', async () => {
    for (let n = 0; n < 10; n += 1) {
      const { api, time } = withSession();
      time.when('POST /refresh', '---r', values);
      time.when('/a', ['--n', '---a'], values);
      await time.expect(api.get('/a')).toBe('--------(a|)', { a: 'A' });
    }
  });
});

describe('what fakeTime() refuses', () => {
  it.for([undefined, null, {}, setTimeout, { tick: () => undefined }, { tickAsync: 5 }])(
    '%o, because it is no fake clock',
    (clock) => {
      expect(() => fakeTime(clock as never)).toThrow(
        /^fakeTime\(\) takes a fake clock with advanceTimersByTimeAsync\(\) or tickAsync\(\)/,
      );
    },
  );

  it('a clock that does not move, because its fake timers are not in use or leave out Date', async () => {
    for (const clock of [{ tickAsync: async () => undefined }, { advanceTimersByTimeAsync: async () => undefined }])
      expect(await messageOf(fakeTime(clock).expect(NEVER).toBe('---'))).toContain(
        'was to move by 3 ms and moved by 0',
      );
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    expect(await messageOf(fakeTime(vi).expect(NEVER).toBe(' 100ms -'))).toContain('was to move by 101 ms');
  });

  it('diagrams that cannot be read, at the call', () => {
    const { time } = setUp();
    expect(() => time.cold('--!')).toThrow("The marbles '--!' cannot be read:");
    expect(() => time.cold('--^-a')).toThrow("The marbles '--^-a' cannot be read: a cold diagram has no ^.");
    expect(() => time.cold(5 as never)).toThrow('Marbles are a string; given: a number.');
    expect(() => time.expect(NEVER, '--a')).not.toThrow();
    expect(() => time.expect(NEVER, '--a').toBe('-')).toThrow("The marbles '--a' cannot be read:");
    expect(() => time.when('/x', '--a')).toThrow("when(): the letter a of '--a' needs an answer among the values");
    expect(() => time.when('/x', [])).toThrow('when() takes a diagram for each attempt; given: an empty list.');
    expect(() => time.when(5 as never, '-')).toThrow("when() takes a URL, 'GET /users'");
    expect(() => fakeTime(vi).when('/x', '-')).toThrow('when() needs a server: fakeTime(clock, http)');
  });
});

it('fakeTime() accepts the clock of Sinon, which has tickAsync()', async () => {
  const time = fakeTime({ tickAsync: (ms) => vi.advanceTimersByTimeAsync(ms) });
  await time.expect(time.cold('--a|')).toBe('--a|');
});
