import { Readable } from 'node:stream';
import { attachSession, BodyUsedError } from 'sluice';
import axios from 'axios';
import { from, type Observable } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { adapters, appOn, errorOf, sessionOn, type AdapterName } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import type { ServerRequest } from '../support/server-request.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { kindsOf } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

/** All headers as received, except the token and those that differ by connection or form. */
function headersOf({ rawHeaders }: ServerRequest): string[] {
  return rawHeaders.flatMap((name, i) => {
    if (i % 2 === 1 || /^authorization$/i.test(name)) return [];
    return [`${name}: ${rawHeaders[i + 1]}`];
  });
}

const bytes = new Uint8Array(300).map((_, i) => i % 256);
const form = (): FormData => {
  const data = new FormData();
  data.append('name', 'Zoë');
  data.append('file', new Blob([bytes]), 'bytes.bin');
  return data;
};
const bodies: [string, () => unknown][] = [
  ['an object', () => ({ name: 'Zoë', nested: { list: [1, 2, 3] }, at: new Date(0) })],
  ['a string', () => 'naïve 🙂'],
  ['URLSearchParams', () => new URLSearchParams({ q: 'a b', name: 'Zoë' })],
  ['a buffer', () => bytes.buffer],
  ['a view of a part of a buffer', () => bytes.subarray(100, 150)],
  ['a Buffer', () => Buffer.from(bytes)],
  ['a Blob', () => new Blob([bytes])],
  ['nothing', () => undefined],
];

describe.each(adapters)('Rule 12: Each send is the caller’s own request again (%s)', (adapter) => {
  const twoWays: ['client' | 'attached'][] = [['client'], ['attached']];
  const appWith = (way: 'client' | 'attached') => {
    const { server } = auth;
    const { api, session } = appOn(server, { adapter });
    const instance = axios.create({ baseURL: server.url, adapter });
    attachSession(instance, session);
    server.expireAccess();
    const post = (body: unknown, headers = {}): Observable<unknown> =>
      way === 'client' ? api.post('/api/echo', body, { headers }) : from(instance.post('/api/echo', body, { headers }));
    return { server, post };
  };

  describe.each(twoWays)('by %s', (way) => {
    it.each(bodies)(
      'the body is byte-identical, the headers are the same except for the new token, and Content-Length fits: %s',
      async (_name, body) => {
        const { server, post } = appWith(way);
        expect(await kindsOf([record(post(body(), { 'X-Mine': 'yes' }))])).toEqual(['complete']);
        const [first, second] = server.sent('/api/echo');
        expect(second!.body.equals(first!.body)).toBe(true);
        expect(headersOf(second!)).toEqual(headersOf(first!));
        expect(second!.headers).toMatchObject({ 'x-mine': 'yes' });
        if (first!.headers['content-length'] !== undefined)
          expect(Number(second!.headers['content-length'])).toBe(second!.body.length);
        expect([first!.generation, second!.generation]).toEqual([1, 2]);
      },
    );

    it('a view is sent without the rest of its buffer', async () => {
      const { server, post } = appWith(way);
      expect(await kindsOf([record(post(bytes.subarray(100, 150)))])).toEqual(['complete']);
      expect(server.sent('/api/echo').map(({ body }) => [...body])).toEqual(
        Array(2).fill([...bytes.subarray(100, 150)]),
      );
    });

    it('a form has the same parts in both sends', async () => {
      const { server, post } = appWith(way);
      expect(await kindsOf([record(post(form()))])).toEqual(['complete']);
      // Each send may have its own boundary; the header names the one that the body uses.
      const parts = server.sent('/api/echo').map(({ body, headers }) => {
        const [, boundary] = /boundary=(.+)$/.exec(headers['content-type'] ?? '') ?? [];
        expect(boundary).toBeTruthy();
        return body.toString('latin1').replaceAll(boundary!, '<boundary>');
      });
      expect(parts).toHaveLength(2);
      expect(parts[1]).toBe(parts[0]);
      expect(parts[0]).toContain('filename="bytes.bin"');
    });

    it('a body factory makes a stream for each send', async () => {
      const { server, post } = appWith(way);
      const make = vi.fn(() => Readable.from([Buffer.from('one '), Buffer.from('two')]));
      expect(await kindsOf([record(post(make, { 'Content-Type': 'text/plain' }))])).toEqual(['complete']);
      expect(server.sent('/api/echo').map(({ body }) => body.toString())).toEqual(['one two', 'one two']);
      expect(make).toHaveBeenCalledTimes(2);
    });

    it('a stream that the first send has read is not resent as an empty body: the request fails with BodyUsedError', async () => {
      const { server, post } = appWith(way);
      const error = await errorOf(post(Readable.from([Buffer.from('once')]), { 'Content-Type': 'text/plain' }));
      expect(error).toBeInstanceOf(BodyUsedError);
      expect(server.sent('/api/echo').map(({ body }) => body.toString())).toEqual(['once']);
    });
  });
});

describe.each<[AdapterName]>([['http'], ['fetch']])(
  'Rule 12: interceptors and transforms run once a request (%s)',
  (adapter) => {
    const setUp = () => {
      const { server } = auth;
      const { session } = sessionOn(server);
      const calls: string[] = [];
      const instance = axios.create({
        baseURL: server.url,
        adapter,
        transformRequest: (data: unknown, headers) => {
          calls.push('transformRequest');
          headers.set('Content-Type', 'application/json');
          return JSON.stringify(data);
        },
        transformResponse: (data: string) => {
          calls.push('transformResponse');
          return { wrapped: JSON.parse(data) as unknown };
        },
      });
      const intercept = (name: string): void => {
        instance.interceptors.request.use((config) => {
          calls.push(`request ${name}`);
          config.headers.set('X-Count', `${Number(config.headers.get('X-Count') ?? 0) + 1}`);
          return config;
        });
        instance.interceptors.response.use(
          (response) => {
            calls.push(`response ${name} ${response.status}`);
            return response;
          },
          (error: unknown) => {
            calls.push(`error ${name}`);
            throw error;
          },
        );
      };
      return { server, session, instance, intercept, calls };
    };

    it.each(['before', 'after'] as const)(
      'interceptors registered %s the session run once, and so do transforms',
      async (when) => {
        const { server, session, instance, intercept, calls } = setUp();
        if (when === 'before') intercept('own');
        attachSession(instance, session);
        if (when === 'after') intercept('own');
        server.expireAccess();
        const { data } = await instance.post<unknown>('/api/echo', { a: 1 });
        expect(data).toMatchObject({ wrapped: { generation: 2, text: '{"a":1}' } });
        expect(calls).toEqual(['request own', 'transformRequest', 'transformResponse', 'response own 200']);
        expect(server.sent('/api/echo').map(({ headers, body }) => [headers['x-count'], body.toString()])).toEqual([
          ['1', '{"a":1}'],
          ['1', '{"a":1}'],
        ]);
      },
    );

    it('interceptors and transforms see the final 401 once', async () => {
      const { server, session, instance, intercept, calls } = setUp();
      intercept('own');
      attachSession(instance, session);
      server.route('/api/echo', () => ({ status: 401, body: { message: 'never' } }));
      const error = await errorOf(instance.post('/api/echo', { a: 1 }));
      expect(error.response?.data).toEqual({ wrapped: { message: 'never' } });
      expect(calls).toEqual(['request own', 'transformRequest', 'transformResponse', 'error own']);
      expect(server.sent('/api/echo')).toHaveLength(2);
    });
  },
);
