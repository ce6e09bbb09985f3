import { BodyUsedError, createClient } from 'sluice';
import { Readable } from 'node:stream';
import axios from 'axios';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import type { ServerRequest } from '../support/server-request.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn, errorOf, flush, paths, sessionOn, type Echo } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

const bytes = Uint8Array.from({ length: 100 }, (_, n) => n);
const middle = [10, 11, 12];
const form = (): FormData => {
  const data = new FormData();
  data.append('name', 'Ada');
  data.append('file', new Blob([bytes], { type: 'application/x-own' }), 'own.bin');
  return data;
};
/** The body without its boundary, which is different for each send of a form. */
const withoutBoundary = ({ headers, body }: ServerRequest): string => {
  const boundary = /boundary=(.+)$/.exec(headers['content-type'] ?? '')?.[1];
  expect(boundary).toBeDefined();
  return body.toString('latin1').replaceAll(boundary!, '(boundary)');
};

describe.each(adapters)('a client’s body with the %s adapter', (adapter) => {
  const app = (options = {}) => appOn(auth.server, { adapter, ...options });

  it.each([
    ['an object', () => ({ name: 'Ada', tags: ['ä', '漢'] }), '{"name":"Ada","tags":["ä","漢"]}'],
    ['a string', () => 'plain ä', 'plain ä'],
    ['URLSearchParams', () => new URLSearchParams({ q: 'a b', n: '1' }), 'q=a+b&n=1'],
    ['an ArrayBuffer', () => bytes.slice().buffer, bytes],
    ['a Buffer', () => Buffer.from('buffer'), 'buffer'],
    ['a whole Uint8Array', () => bytes.slice(), bytes],
    ['a part of a Uint8Array', () => bytes.subarray(10, 13), middle],
    ['a part of a Buffer', () => Buffer.from(bytes).subarray(10, 13), middle],
    ['a DataView', () => new DataView(bytes.buffer, 10, 3), middle],
    ['a part of a Uint16Array', () => new Uint16Array(bytes.slice().buffer).subarray(5, 6), [10, 11]],
    ['an empty part', () => bytes.subarray(5, 5), []],
    ['a Blob', () => new Blob([bytes.subarray(10, 13)], { type: 'application/x-own' }), middle],
  ])('of the kind %s is sent twice byte for byte, with the right Content-Length', async (_, make, expected) => {
    const { api } = app();
    auth.server.expireAccess();
    await firstValueFrom(api.post('/api/echo', make()));
    const sends = auth.server.sent('/api/echo');
    const whole = typeof expected === 'string' ? Buffer.from(expected) : Buffer.from(expected as Uint8Array);
    expect(sends.map(({ body }) => body.toString('hex'))).toEqual([whole.toString('hex'), whole.toString('hex')]);
    for (const { headers } of sends)
      if (headers['transfer-encoding'] === undefined) expect(headers['content-length']).toBe(String(whole.byteLength));
    const [first, second] = sends.map(({ rawHeaders }) => rawHeaders.filter((text) => !text.startsWith('Bearer ')));
    expect(second).toEqual(first);
  });

  it('of the kind FormData is sent twice with the same content; only the boundary may differ', async () => {
    const { api } = app();
    auth.server.expireAccess();
    await firstValueFrom(api.post('/api/echo', form()));
    const sends = auth.server.sent('/api/echo');
    expect(sends).toHaveLength(2);
    const [first, second] = sends.map(withoutBoundary);
    expect(second).toBe(first);
    expect(first).toContain('name="name"\r\n\r\nAda\r\n');
    expect(first).toContain('filename="own.bin"\r\nContent-Type: application/x-own\r\n\r\n');
    expect(first).toContain(Buffer.from(bytes).toString('latin1'));
    for (const { headers, body } of sends)
      expect(headers['content-length'] ?? String(body.byteLength)).toBe(String(body.byteLength));
  });

  it.each(['postForm', 'putForm', 'patchForm'] as const)('given as an object to %s is sent twice', async (verb) => {
    const { api } = app();
    auth.server.expireAccess();
    await firstValueFrom(api[verb]('/api/echo', { name: 'Ada', tags: ['a', 'b'] }));
    const sends = auth.server.sent('/api/echo');
    expect(sends).toHaveLength(2);
    const [first, second] = sends.map(withoutBoundary);
    expect(second).toBe(first);
    expect(first).toContain('name="name"\r\n\r\nAda\r\n');
    expect(first).toContain('name="tags[]"\r\n\r\nb\r\n');
  });

  it('given as a view leaves the caller’s view and its buffer unchanged', async () => {
    const view = bytes.subarray(10, 13);
    await firstValueFrom(app().api.post('/api/echo', view));
    expect(view.buffer.byteLength).toBe(100);
    expect([...view]).toEqual(middle);
  });

  it('from a factory is made for each send', async () => {
    const { api } = app();
    auth.server.expireAccess();
    let n = 0;
    const make = vi.fn(() => {
      n += 1;
      return adapter === 'http' ? Readable.from([`body `, String(n)]) : new Blob([`body ${n}`]).stream();
    });
    await firstValueFrom(api.post('/api/echo', make, { fetchOptions: { duplex: 'half' } }));
    expect(auth.server.sent('/api/echo').map(({ body }) => body.toString())).toEqual(['body 1', 'body 2']);
    expect(make).toHaveBeenCalledTimes(2);
    expect(make.mock.calls).toEqual([[], []]);
  });

  it('from a factory is made once for each subscription when no refresh is needed', async () => {
    const make = vi.fn(() => 'made');
    const made$ = app().api.post<Echo>('/api/echo', make);
    expect((await firstValueFrom(made$)).text).toBe('made');
    expect(make).toHaveBeenCalledTimes(1);
    expect((await firstValueFrom(made$)).text).toBe('made');
    expect(make).toHaveBeenCalledTimes(2);
  });

  it.each([
    ['without a session', {}, undefined],
    ['for `session: false`', { session: false }, '/public/echo'],
    ['with a header of its own', { headers: { Authorization: 'Basic eA==' } }, '/public/echo'],
  ] as const)('from a factory is made %s as well', async (_, options, withSession) => {
    const api = withSession ? app().api : createClient({ baseURL: auth.server.url, adapter });
    expect((await firstValueFrom(api.post<Echo>('/public/echo', () => 'made', options))).text).toBe('made');
  });

  it('from a factory may be undefined, or null with `session: false`: the body that is sent is empty', async () => {
    const { api } = app();
    await firstValueFrom(api.post('/public/echo', () => undefined));
    await firstValueFrom(api.post('/public/echo', () => null, { session: false }));
    expect(auth.server.requests.map(({ body }) => body.toString())).toEqual(['', '']);
  });

  it('from a factory is made for an untrusted origin as well', async () => {
    const { api } = app({ baseURL: 'http://api.example.com' });
    expect((await firstValueFrom(api.post<Echo>(`${auth.server.url}/public/echo`, () => 'made'))).text).toBe('made');
  });

  it('from a factory keeps the content type of its caller', async () => {
    const { api } = app();
    const headers = { 'Content-Type': 'application/json' };
    const answer = await firstValueFrom(api.post<Echo>('/api/echo', () => '{"big":1}', { headers }));
    expect(answer.text).toBe('{"big":1}');
    expect(answer.headers['content-type']).toBe('application/json');
  });

  it('from a factory that throws fails the request with that error', async () => {
    const broken = new Error('no such file');
    const error = await errorOf(
      app().api.post('/api/echo', () => {
        throw broken;
      }),
    );
    expect(error).toBe(broken);
    await flush(auth.server);
    expect(paths(auth.server)).toEqual([]);
  });

  it('gets fresh headers for each send: what an adapter writes into them stays with that send', async () => {
    const seen: unknown[] = [];
    const transport = axios.getAdapter(adapter);
    const { api } = app({
      adapter: (config: Parameters<typeof transport>[0]) => {
        seen.push(config.headers.get('X-XSRF-TOKEN'));
        config.headers.set('X-XSRF-TOKEN', `xsrf ${seen.length}`);
        return transport(config);
      },
    });
    auth.server.expireAccess();
    await firstValueFrom(api.post('/api/echo', { a: 1 }));
    expect(seen).toEqual([undefined, undefined]);
    expect(auth.server.sent('/api/echo').map(({ headers }) => headers['x-xsrf-token'])).toEqual(['xsrf 1', 'xsrf 2']);
  });
});

describe('a client’s body that can be read once:', () => {
  async function* lines(): AsyncGenerator<string> {
    yield 'one\n';
    yield 'two\n';
  }

  it.each([
    ['of Node', 'http', () => Readable.from(['one\n', 'two\n'])],
    ['of the web', 'fetch', () => new Blob(['one\ntwo\n']).stream()],
  ] as const)('a stream %s is sent when its request needs no resend', async (_, adapter, make) => {
    const { api } = appOn(auth.server, { adapter });
    const answer = await firstValueFrom(api.post<Echo>('/api/echo', make(), { fetchOptions: { duplex: 'half' } }));
    expect(answer.text).toBe('one\ntwo\n');
  });

  it.each([
    ['of Node', 'http', () => Readable.from(['one\n', 'two\n'])],
    ['of the web', 'fetch', () => new Blob(['one\ntwo\n']).stream()],
  ] as const)('a stream %s is not sent again after a 401; the session still refreshes', async (_, adapter, make) => {
    const { api, session } = appOn(auth.server, { adapter });
    auth.server.expireAccess();
    const error = await errorOf(api.post('/api/echo', make(), { fetchOptions: { duplex: 'half' } }));
    expect(error).toBeInstanceOf(BodyUsedError);
    expect(error.message).toContain('() => stream');
    expect(paths(auth.server)).toEqual(['/api/echo', '/api/refresh-token']);
    expect(session.state).toMatchObject({ status: 'signed-in', generation: 2 });
    expect((await firstValueFrom(api.get<Echo>('/api/echo'))).generation).toBe(2);
  });

  it('an async generator, which this adapter can send, is not sent again after a 401', async () => {
    const sent: string[] = [];
    const { api } = appOn(auth.server, {
      transformRequest: (data: unknown) => data,
      adapter: async (config) => {
        let body = '';
        for await (const chunk of config.data as AsyncIterable<string>) body += chunk;
        sent.push(body);
        return axios.getAdapter('http')({ ...config, data: body });
      },
    });
    auth.server.expireAccess();
    expect(await errorOf(api.post('/api/echo', lines()))).toBeInstanceOf(BodyUsedError);
    expect(sent).toEqual(['one\ntwo\n']);
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it('a stream is sent when its request has waited before its first send', async () => {
    const { api } = appOn(auth.server);
    auth.server.expireAccess();
    const refresh = auth.server.hold('/api/refresh-token');
    const first = firstValueFrom(api.get('/api/test-get'));
    await refresh.arrived;
    const waits = firstValueFrom(api.post<Echo>('/api/echo', Readable.from(['one\n'])));
    refresh.release();
    await first;
    expect((await waits).text).toBe('one\n');
  });

  it('a stream that fails while it is read fails its request', async () => {
    const { session } = sessionOn(auth.server);
    const api = createClient({ baseURL: auth.server.url, session });
    async function* broken(): AsyncGenerator<string> {
      yield 'one';
      throw new Error('disk on fire');
    }
    const error = await errorOf(api.post('/api/echo', Readable.from(broken())));
    expect(error.message).toContain('disk on fire');
  });
});
