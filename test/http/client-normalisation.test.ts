import { createClient } from 'sluice';
import axios, { AxiosError } from 'axios';
import { Readable } from 'node:stream';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn, errorOf, sessionOn, type Echo } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
const json = { 'content-type': 'application/json' };

describe.each(adapters)('a client with the %s adapter:', (adapter) => {
  const app = (options = {}) => appOn(auth.server, { adapter, ...options });
  const get = (path: string, options = {}) => firstValueFrom(app().api.get(path, options));
  /** A path that answers with this body. */
  let undo = (): void => {};
  const answering = (body: unknown, headers: Record<string, string> = json, status = 200): string => {
    undo();
    undo = auth.server.route('/api/answer', () => ({ status, headers, body }));
    return '/api/answer';
  };

  describe('a timeout of a request', () => {
    it('is ETIMEDOUT, and the connection is closed', async () => {
      const hold = auth.server.hold('/api/echo');
      const error = await errorOf(app().api.get('/api/echo', { timeout: 40 }));
      expect(error).toMatchObject({ isAxiosError: true, code: 'ETIMEDOUT', message: 'timeout of 40ms exceeded' });
      expect(axios.isCancel(error)).toBe(false);
      await auth.server.closed('/api/echo');
      hold.release();
    });

    it('is ETIMEDOUT also for a client without a session whose defaults are `timeout` and `clarifyTimeoutError: false`', async () => {
      const hold = auth.server.hold('/public/echo');
      const api = createClient({
        baseURL: auth.server.url,
        adapter,
        timeout: 40,
        transitional: { silentJSONParsing: true, clarifyTimeoutError: false },
      });
      expect(await errorOf(api.get('/public/echo'))).toMatchObject({ code: 'ETIMEDOUT' });
      hold.release();
    });

    it('does not count the wait for a refresh', async () => {
      const { api } = app();
      auth.server.expireAccess();
      auth.server.delay('/api/refresh-token', 3_100);
      expect(await firstValueFrom(api.get<Echo>('/api/echo', { timeout: 3_000 }))).toMatchObject({ generation: 2 });
    });
  });

  describe('broken JSON', () => {
    it.each([
      ['no responseType', {}],
      ['responseType `json`', { responseType: 'json' as const }],
    ])('is an error that does not quote it, with %s', async (_, options) => {
      const error = await errorOf(app().api.get(answering('{"secret": "s3cr3t", cut'), options));
      expect(error).toMatchObject({ isAxiosError: true, code: 'ERR_BAD_RESPONSE' });
      expect(error.message).toBe('The response says that it is JSON but is not');
      expect(String(error.stack)).not.toContain('s3cr3t');
    });

    it.each(['application/problem+json', 'application/json; charset=utf-8', 'APPLICATION/JSON', 'text/json'])(
      'is an error with the content type %s',
      async (type) => {
        const error = await errorOf(app().api.get(answering('{"cut', { 'content-type': type })));
        expect(error.code).toBe('ERR_BAD_RESPONSE');
      },
    );

    it('is an error that has the response, its status and the config', async () => {
      const error = await errorOf(app().api.get(answering('{"cut', { ...json, 'x-request-id': '7' })));
      expect(error.response?.headers['x-request-id']).toBe('7');
      expect(error.status).toBe(200);
      expect(error.config?.url).toBe('/api/answer');
    });

    it('of a 500 leaves the error the one of a 500', async () => {
      const error = await errorOf(app().api.get(answering('{"cut', json, 500)));
      expect(error).toMatchObject({ code: 'ERR_BAD_RESPONSE', status: 500, response: { status: 500, data: '{"cut' } });
      expect(error.message).toBe('Request failed with status code 500');
    });

    it('of a 401 does not prevent a refresh', async () => {
      const { api } = app();
      auth.server.unauthorized = () => ({ status: 401, headers: json, body: '{"cut' });
      auth.server.expireAccess();
      expect(await firstValueFrom(api.get<Echo>('/api/echo'))).toMatchObject({ generation: 2 });
    });

    it('is text with responseType `text`', async () => {
      expect(await get(answering('{"cut'), { responseType: 'text' })).toBe('{"cut');
    });

    it('stays text when its content type is not JSON', async () => {
      expect(await get(answering('{"cut', { 'content-type': 'text/plain' }))).toBe('{"cut');
      expect(await get(answering('<p>', { 'content-type': 'text/html' }))).toBe('<p>');
      expect(await get(answering('x', { 'content-type': 'application/x-ndjson' }))).toBe('x');
    });
  });

  describe('an empty body', () => {
    it.each(['/api/empty', '/api/empty-json', '/api/null'])('is null for %s', async (path) => {
      expect(await get(path)).toBeNull();
      expect(await get(path, { responseType: 'json' })).toBeNull();
    });

    it('is null in the response to HEAD', async () => {
      expect(await firstValueFrom(app().api.head('/api/echo'))).toBeNull();
    });

    it('is the empty string with responseType `text`', async () => {
      expect(await get('/api/empty', { responseType: 'text' })).toBe('');
    });

    it('is zero bytes with responseType `arraybuffer`', async () => {
      const bytes = (await get('/api/empty', { responseType: 'arraybuffer' })) as ArrayBuffer | Buffer;
      expect(bytes.byteLength).toBe(0);
    });
  });

  it('a plain-text body is a string', async () => {
    expect(await get('/api/text')).toBe('plain text');
    expect(await get('/api/text', { responseType: 'text' })).toBe('plain text');
  });

  it('JSON is parsed whatever its content type, as in axios', async () => {
    expect(await get(answering('{"a":1}', { 'content-type': 'text/plain' }))).toEqual({ a: 1 });
    expect(await get(answering(' {"a":1}\n'))).toEqual({ a: 1 });
    for (const value of ['0', 'false', '""', '[]']) expect(await get(answering(value))).toEqual(JSON.parse(value));
  });

  it('a JSON string is not parsed twice', async () => {
    expect(await get(answering('"123"'))).toBe('123');
    expect(await get(answering(JSON.stringify('{"a":1}')))).toBe('{"a":1}');
  });

  it('a byte order mark before JSON is accepted', async () => {
    expect(await get(answering('\uFEFF{"a":1}'))).toEqual({ a: 1 });
  });

  it('responseType `arraybuffer` gives the bytes', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
    const got = (await get(answering(bytes, {}), { responseType: 'arraybuffer' })) as ArrayBuffer | Buffer;
    expect(Buffer.from(got as Buffer).equals(bytes)).toBe(true);
  });

  it('responseType `stream` gives a stream, after a refresh as well', async () => {
    const { api } = app();
    auth.server.expireAccess();
    const stream = await firstValueFrom(
      api.get<AsyncIterable<Uint8Array>>('/api/stream?chunks=3', { responseType: 'stream' }),
    );
    let text = '';
    for await (const chunk of stream) text += Buffer.from(chunk).toString();
    expect(text).toBe('chunk 1\nchunk 2\nchunk 3\n');
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it('responseType `stream` frees the connection of a 401 whose body never ends', async () => {
    const { api } = app();
    auth.server.unauthorized = () => ({
      status: 401,
      body: (async function* () {
        for (;;) {
          yield 'x'.repeat(1000);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      })(),
    });
    auth.server.expireAccess();
    const stream = await firstValueFrom(
      api.get<Readable & ReadableStream>('/api/stream?chunks=1', { responseType: 'stream' }),
    );
    const [refused] = await auth.server.closed('/api/stream');
    expect(refused).toMatchObject({ closedEarly: true, tokenState: 'expired' });
    for await (const chunk of stream as AsyncIterable<Uint8Array>)
      expect(Buffer.from(chunk).toString()).toBe('chunk 1\n');
  });

  it('parseReviver is called', async () => {
    const parseReviver = (key: string, value: unknown) => (key === 'at' ? new Date(value as string) : value);
    const path = answering('{"at":"2026-01-01T00:00:00.000Z"}');
    expect(await get(path, { parseReviver })).toEqual({ at: new Date('2026-01-01T00:00:00.000Z') });
  });

  it('transforms of the caller get the body as received, and their result is the body', async () => {
    const transformResponse = vi.fn((data: unknown) => `(${String(data)})`);
    expect(await get(answering('{"cut'), { transformResponse })).toBe('({"cut)');
    expect(transformResponse).toHaveBeenCalledOnce();
    expect(await get('/api/empty', { transformResponse })).toBe('()');
  });

  it('a transform of the caller after axios’s own gets what axios makes', async () => {
    const transformResponse = [axios.defaults.transformResponse ?? [], (data: unknown) => ({ wrapped: data })].flat();
    expect(await get(answering('{"a":1}'), { transformResponse })).toEqual({ wrapped: { a: 1 } });
  });

  it('errors of the server are axios’s own', async () => {
    for (const status of [400, 403, 404, 409, 422, 429, 500, 503]) {
      const path = `/api/status/${status}`;
      const { api, session } = app();
      const own = await errorOf(api.get(path));
      const token = session.state.tokens?.accessToken;
      const raw = await errorOf(
        axios.get(auth.server.url + path, { adapter, headers: { Authorization: `Bearer ${token}` } }),
      );
      for (const field of ['name', 'message', 'code', 'status'] as const) expect(own[field]).toBe(raw[field]);
      expect(own.response?.data).toEqual(raw.response?.data);
      expect(own.response?.statusText).toBe(raw.response?.statusText);
      expect(own).toBeInstanceOf(AxiosError);
      expect(own.config?.headers.has('Authorization')).toBe(false);
    }
  });

  it('an unreachable server is an AxiosError without a response', async () => {
    const { api } = app();
    auth.server.offline();
    const error = await errorOf(api.get('/api/echo'));
    expect(error.isAxiosError).toBe(true);
    expect(error.response).toBeUndefined();
    expect(error.config?.headers.has('Authorization')).toBe(false);
  });

  it('an instance that the client is given is not changed', async () => {
    const instance = axios.create({ baseURL: auth.server.url, adapter });
    const before = { ...instance.defaults, headers: JSON.stringify(instance.defaults.headers) };
    const api = createClient({ axios: instance, session: sessionOn(auth.server).session });
    await firstValueFrom(api.post('/api/echo', { a: 1 }));
    await errorOf(api.get('/api/bad-json'));
    expect({ ...instance.defaults, headers: JSON.stringify(instance.defaults.headers) }).toEqual(before);
    expect((await instance.get(answering('{"cut').replace('/api/', '/public/'))).status).toBe(200);
    const { data } = await instance.get<unknown>('/public/bad-json');
    expect(data).toBe('{"cut": "o');
    for (const { handlers } of [instance.interceptors.request, instance.interceptors.response] as unknown as {
      handlers: unknown[];
    }[])
      expect(handlers).toEqual([]);
  });
});

it('responseType `blob` gives a client a Blob where the adapter supports it', async () => {
  const { api } = appOn(auth.server, { adapter: 'fetch' });
  const blob = await firstValueFrom(api.get<Blob>('/api/text', { responseType: 'blob' }));
  expect(await blob.text()).toBe('plain text');
});
