import { BodyUsedError } from 'sluice';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { adapters, appOn } from './app.ts';
import { useServer } from './server.ts';
import type { SeenRequest } from './server-commands.ts';
import { failOnUnhandled } from './unhandled.ts';

failOnUnhandled();
const use = useServer();

const bytes = Uint8Array.from({ length: 100 }, (_, n) => n + 100);
const asText = (data: Uint8Array): string => String.fromCharCode(...data);

/** A body, and what the server should receive. */
const bodies: [kind: string, body: () => unknown, received: string, type: string | undefined][] = [
  ['an object', () => ({ ä: [1, null] }), '{"\xc3\xa4":[1,null]}', 'application/json'],
  ['a string', () => 'plain', 'plain', undefined],
  ['a Blob', () => new Blob([bytes], { type: 'image/png' }), asText(bytes), undefined],
  ['an ArrayBuffer', () => bytes.slice().buffer, asText(bytes), undefined],
  ['a typed array', () => bytes.slice(), asText(bytes), undefined],
  ['a view of a part', () => bytes.subarray(10, 13), asText(bytes.subarray(10, 13)), undefined],
  ['a DataView of a part', () => new DataView(bytes.buffer, 20, 2), asText(bytes.subarray(20, 22)), undefined],
  [
    'URLSearchParams',
    () => new URLSearchParams({ a: '1 2', b: 'ü' }),
    'a=1+2&b=%C3%BC',
    'application/x-www-form-urlencoded;charset=utf-8',
  ],
  ['a function that makes it', () => () => new Blob(['made']), 'made', undefined],
];

describe.each(adapters)('over %s', (adapter) => {
  it.each(bodies)('%s is sent unchanged, and again after the refresh', async (_kind, body, received, type) => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    await server.expireAccess();

    expect((await record(api.post('/api/echo', body())).outcome).kind).toBe('complete');

    const sent = await server.sent('POST /api/echo');
    expect(sent.map((request) => request.body)).toEqual([received, received]);
    expect(sent.map(({ headers }) => headers['content-length'])).toEqual([`${received.length}`, `${received.length}`]);
    const [first, second] = sent.map(({ headers }) => headers['content-type']?.replace('; ', ';').toLowerCase());
    expect(second).toBe(first);
    if (type !== undefined) expect(first).toBe(type);
  });

  it.each([
    ['post', 'FormData', () => formOf()],
    ['postForm', 'an object as a form', () => ({ name: 'Ada', file: new Blob([bytes]) })],
  ] as const)('%s sends %s with its field and its file, and again after the refresh', async (verb, _kind, body) => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    await server.expireAccess();

    expect((await record(api[verb]('/api/echo', body())).outcome).kind).toBe('complete');

    const sent = await server.sent('POST /api/echo');
    expect(sent.map(({ generation }) => generation)).toEqual([1, 2]);
    for (const request of sent) {
      const form = await formIn(request);
      expect(form.get('name')).toBe('Ada');
      expect(new Uint8Array(await (form.get('file') as File).arrayBuffer())).toEqual(bytes);
    }
  });

  it('a body factory is called once for each send', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    await server.expireAccess();
    let made = 0;

    await record(api.put('/api/echo', () => `body ${(made += 1)}`)).outcome;

    expect((await server.sent('PUT /api/echo')).map(({ body }) => body)).toEqual(['body 1', 'body 2']);
  });

  it('headers of the caller are sent once with each send', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    await server.expireAccess();

    await record(api.post('/api/echo', { a: 1 }, { headers: { 'X-Own': 'mine' } })).outcome;

    const sent = await server.sent('/api/echo');
    expect(sent.map(({ headers }) => headers['x-own'])).toEqual(['mine', 'mine']);
    expect(new Set(sent.map(({ headers }) => headers.authorization)).size).toBe(2);
  });
});

it('over fetch, a stream as a body is an error at a server of HTTP/1.1, and nothing is sent', async () => {
  const { server } = use;
  const { api, refresh } = await appOn(server, 'fetch');

  const error = await errorOf(api.post('/api/echo', new Blob(['once']).stream()));

  expect(error).not.toBeInstanceOf(BodyUsedError);
  expect(error).toMatchObject({ name: 'AxiosError', code: 'ERR_NETWORK' });
  expect(refresh).not.toHaveBeenCalled();
  expect(await server.sent()).toEqual([]);
});

function formOf(): FormData {
  const form = new FormData();
  form.append('name', 'Ada');
  form.append('file', new Blob([bytes]), 'bytes.bin');
  return form;
}

/** The parts that a server reads from a multipart body. */
function formIn({ body, headers }: SeenRequest): Promise<FormData> {
  const data = Uint8Array.from(body, (character) => character.charCodeAt(0));
  return new Response(data, { headers: { 'content-type': headers['content-type'] ?? '' } }).formData();
}
